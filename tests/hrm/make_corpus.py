#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the fuzzing corpus: one binary file for each payload of tests/data/hrm_2a37.json.

Run it after the payloads changed; test_hrm fails while the two differ."""
import json
import pathlib

here = pathlib.Path(__file__).resolve().parent
payloads = json.loads((here.parent / "data" / "hrm_2a37.json").read_text())
corpus = here / "corpus"
corpus.mkdir(exist_ok=True)
for old in corpus.glob("golden_*"):
    old.unlink()
for number, payload in enumerate(payloads):
    (corpus / f"golden_{number:02}").write_bytes(bytes.fromhex(payload["hex"]))
