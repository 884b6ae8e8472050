"""An FTP server on the given port of 127.0.0.1 for the given directory: anybody logs in, and may write too."""

import sys
import warnings

from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import FTPHandler
from pyftpdlib.servers import ThreadedFTPServer

port, directory = sys.argv[1:]
warnings.filterwarnings("ignore", "write permissions assigned to anonymous user")
authorizer = DummyAuthorizer()
authorizer.add_anonymous(directory, perm="elradfmwMT")
handler = FTPHandler
handler.authorizer = authorizer
# A thread for each client: with one loop for all, a data connection in active mode keeps the others waiting.
ThreadedFTPServer(("127.0.0.1", int(port)), handler).serve_forever()
