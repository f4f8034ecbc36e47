/* SPDX-License-Identifier: MIT
 *
 * The configuration file read anew while zone1d runs (docs/config.md, "While it runs"). Main thread.
 */
#ifndef ZONE1D_GATEWAY_RELOAD_H
#define ZONE1D_GATEWAY_RELOAD_H

#include "gateway.h"

/* Reads the file of RUNNING, which is GATEWAY's configuration, and has it in force. False when it is refused: each
 * fault is logged as at the start, and nothing has changed. */
bool gateway_reload_file(Gateway *gateway, Config *running);

#endif
