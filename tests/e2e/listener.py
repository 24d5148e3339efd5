# SPDX-License-Identifier: BSD-2-Clause
"""A TCP server of a test's own, on a loopback port that nobody uses.

    with Listener(Handler) as server:
        server.port
"""

import socketserver
import threading


class Listener(socketserver.ThreadingTCPServer):
    """Serves from the start until the end of its `with`."""
    daemon_threads = True

    def __init__(self, handler):
        super().__init__(("127.0.0.1", 0), handler)
        self.port = self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()
