// SPDX-License-Identifier: MIT
// The real zone1d, replaying a recording to a broker.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const RECORDING = join(process.env.ZONE1D_TEST_DATA, 'fatmaxxer_20210606.rr.csv');

/** Starts zone1d for athlete anna at SPEED times real time; end(signal) ends it, done resolves with its status. */
export function replay(broker, speed, more = '')
{
    const config = join(broker.folder, 'zone1d.conf');
    writeFileSync(config, `[gateway]\nname = pi\n[mqtt]\nhost = 127.0.0.1\nport = ${broker.port}\n`
        + `[athlete anna]\nmax = 195\nrest = 60\nalias = Anna\n${more}`);
    const child = spawn(process.env.ZONE1D, ['--config', config, '--replay', RECORDING, '--speed', String(speed)],
        { stdio: ['ignore', 'ignore', 'inherit'] });
    const done = once(child, 'exit').then(([status]) => status);
    return {
        done,
        async end(signal)
        {
            child.kill(signal);
            await done;
        },
    };
}
