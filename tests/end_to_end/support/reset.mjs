// SPDX-License-Identifier: Apache-2.0
// Ends a connection with RST.

/**
 * A connection that is ending already is closed instead: libuv refuses to reset it, and Node would then
 * keep its handle, and turn in circles at its own exit.
 */
export function reset(socket) {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}
