/* SPDX-License-Identifier: MIT
 *
 * The one owner of discovery on one adapter. Runs it in stretches of scan_cycle_ms: each start makes
 * BlueZ tell anew of every device it hears (within one it may report a steady device once), and heals
 * a discovery that has silently stopped; bluetoothd's own rests 5 s after each 10 s.
 *
 * The filter: Transport le always (or a dual-mode strap is taken over BR/EDR); UUIDs 180d in every
 * second stretch only. With it the kernel reports straps alone, and a busy place costs nothing; but a
 * strap that does not put its service into the advertisement would never be found by its name or
 * address, so every other stretch is open. Filters of all clients merge: every match is checked again
 * by whoever uses it. Main thread.
 */
#ifndef ZONE1D_BLUEZ_SCANNER_H
#define ZONE1D_BLUEZ_SCANNER_H

#include "bluez/bus.h"
#include "bluez/timing.h"

typedef struct Scanner Scanner;

/* Discovery is off now, after scanner_want(false); never from within a scanner_ call. */
typedef void (*ScannerOff)(void *user);

/* BUS and TIMING stay the caller's and outlive it. */
Scanner *scanner_new(Bus *bus, const BluezTiming *timing, const char *adapter_path, ScannerOff off, void *user);

/* Sends nothing: the adapter may be gone. bluetoothd stops what we started when we leave the bus; stop
 * it with scanner_want to be sure. NULL is fine. */
void scanner_free(Scanner *scanner);

/* Discovery should run, or should not; what is right already stays as it is. */
void scanner_want(Scanner *scanner, bool wanted);

/* No discovery of ours runs, nor is one being started or stopped. */
bool scanner_is_off(const Scanner *scanner);

/* The adapter lost its power, and every discovery with it. */
void scanner_reset(Scanner *scanner);

#endif
