// SPDX-License-Identifier: MIT
// usage: node decode.mjs FILE
// Decodes FILE with Garmin's own SDK, and prints what it found as JSON.
import { readFileSync } from 'node:fs';
import { Decoder, Stream } from '@garmin/fitsdk';

const bytes = readFileSync(process.argv[2]);
const isFit = Decoder.isFIT(Stream.fromBuffer(bytes));
const sound = new Decoder(Stream.fromBuffer(bytes)).checkIntegrity();
const decoder = new Decoder(Stream.fromBuffer(bytes));
const { messages, errors } = decoder.read({ mergeHeartRates: false });
console.log(JSON.stringify({ isFit, sound, errors: errors.map(String), messages }));
