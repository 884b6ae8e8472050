//! What the examples are run with, and what they have to say then.

/// One run of an example. Arguments and typed lines that begin with a word in capitals have it replaced:
///
/// | word | stands for |
/// |---|---|
/// | HTTP, FTP and the like | what the test server prints |
/// | INPUT | a file to read |
/// | OUTPUT | a file to write |
/// | FOLDER | a directory to write to |
pub struct Run {
    pub program: &'static str,
    pub args: &'static [&'static str],
    pub shows: &'static str,
    /// What is typed.
    pub input: &'static str,
    /// When this has been printed Ctrl-C is pressed; empty: it is not.
    pub interrupt_at: &'static str,
    pub exit: i32,
    /// What is printed, among other things.
    pub says: &'static [&'static str],
}

impl Run {
    const fn of(program: &'static str, args: &'static [&'static str], shows: &'static str) -> Self {
        Self { program, args, shows, input: "", interrupt_at: "", exit: 0, says: &[] }
    }

    const fn typed(mut self, input: &'static str) -> Self {
        self.input = input;
        self
    }

    /// It exits with 130, as shells report what Ctrl-C ended.
    const fn interrupted_at(mut self, text: &'static str) -> Self {
        self.interrupt_at = text;
        self.exit = 130;
        self
    }

    const fn says(mut self, says: &'static [&'static str]) -> Self {
        self.says = says;
        self
    }

    /// It exits with 1 and this reason.
    const fn fails(mut self, says: &'static [&'static str]) -> Self {
        self.exit = 1;
        self.says(says)
    }
}

pub const RUNS: &[Run] = &[
    Run::of("headers_and_body", &["HTTP/hello"], "header lines and a body arrive").says(&[
        "HTTP/1.1 200 OK",
        "X-Hello: one",
        "hello, world",
    ]),
    Run::of("headers_and_body", &["REFUSED/"], "a server that refuses connections")
        .fails(&["Failed to connect to 127.0.0.1"]),
    Run::of("debug", &["HTTP/hello"], "what libcurl says, sends and receives")
        .says(&["GET /hello HTTP/1.1", "HTTP/1.1 200 OK"]),
    Run::of("progress", &["HTTP/trickle/20/50"], "a slow transfer's progress")
        .says(&["downloaded 20 of 20, uploaded 0 of 0", "in all: downloaded 20"]),
    Run::of("old_progress", &["HTTP/hello", "1000"], "the former progress callback").says(&["hello, world"]),
    Run::of("old_progress", &["HTTP/bytes/100000", "1000"], "a transfer that is too large ends at once")
        .fails(&["100000 bytes are more than 1000", "(in the progress callback)"]),
    Run::of(
        "mime_upload",
        &["HTTP/multipart", "INPUT"],
        "a form with a part that a callback supplies, as the server took it apart",
    ),
    Run::of("mime_upload", &["HTTP/redirect307/multipart", "INPUT"], "a redirect has the form sent again"),
    Run::of("upload", &["HTTP/echo", "INPUT"], "a callback gives the data to send")
        .says(&["200\na few words to upload"]),
    Run::of("upload", &["HTTP/redirect307", "INPUT"], "a redirect has the data sent again, so it is rewound")
        .says(&["200\na few words to upload"]),
    Run::of("ioctl", &["HTTP/redirect307", "INPUT"], "the former callback for sending data again")
        .says(&["from the beginning", "a few words to upload"]),
    Run::of(
        "download",
        &["HTTP/bytes/100000", "OUTPUT"],
        "a body goes to a file, and not to a callback as well",
    ),
    Run::of("failing_callback", &["HTTP/hello"], "a callback fails and says why"),
    Run::of("refused_connection", &["HTTP/hello"], "a callback refuses the connection and says why")
        .says(&["COULDNT_CONNECT: this program does not connect to 127.0.0.1, port "]),
    Run::of("address_filter", &["HTTP/hello"], "a filter keeps the program from loopback")
        .fails(&["127.0.0.1 is not on a public network", "(in the open_socket callback)"]),
    Run::of("socket_options", &["HTTP/hello"], "options are set on a socket before it is connected")
        .says(&["a socket to connect, with ", "hello, world"]),
    Run::of("socket_options", &["FTP/many/file042.txt", "127.0.0.1"], "the same for one that was accepted")
        .says(&["a socket to connect, with ", "a socket that was accepted, with ", "42\n"]),
    Run::of("socket_lifetimes", &["HTTP/hello"], "two transfers, and one socket that outlives both").says(&[
        "socket 1 opened for 127.0.0.1\ntransfer 1 is done\ntransfer 2 is done\nsocket closed, 1 of 1\n",
    ]),
    Run::of("cancel", &["HTTP/stall"], "another thread cancels a stalled transfer"),
    Run::of("prereq", &["HTTP/redirect/2"], "the connection of each request, before it is sent")
        .says(&["from 127.0.0.1 port ", "hello, world"]),
    Run::of("resolver_start", &["HTTP/hello", "1"], "a callback before a name is resolved")
        .says(&["resolving, 1 of 1", "hello, world"]),
    Run::of("resolver_start", &["HTTP/hello", "0"], "a callback keeps a name from being resolved")
        .fails(&["this leads to too many hosts", "(in the resolver_start callback)"]),
    Run::of(
        "share_threads",
        &["HTTP/cookies", "HTTP/request-headers"],
        "four threads share what one has got",
    )
    .says(&["cookies\n", "cookie: "]),
    Run::of(
        "share_threads",
        &["HTTP/cookies", "HTTP/request-headers", "own-locks"],
        "the same with locks of the program's own",
    )
    .says(&["cookies\n", "cookie: "]),
    Run::of("share_threads", &["REFUSED/", "HTTP/hello"], "a server that refuses connections")
        .fails(&["Failed to connect"]),
    Run::of("trailers", &["HTTP/echo", "INPUT"], "an upload in chunks, with trailers")
        .says(&["x-got-trailer-x-size: 22", "x-got-trailer-x-checksum: "]),
    Run::of("ca_in_memory", &["NGINX_HTTPS/hello.txt", "CA"], "an authority that is in memory is trusted")
        .says(&["hello, world"]),
    Run::of("ca_in_memory", &["NGINX_EXPIRED/hello.txt", "CA"], "and what it did not vouch for is not")
        .fails(&["certificate"]),
    Run::of("ca_in_memory", &["NGINX_HTTPS/hello.txt", "INPUT"], "memory that holds no certificate")
        .fails(&["this is no certificate", "(in the ssl_ctx callback)"]),
    Run::of("hsts_file", &["TLS_NAME/hsts.txt", "OUTPUT.hsts", "CA"], "a host wants HTTPS from now on")
        .says(&["fetched: https://localhost", "kept: localhost, 1 of 1"]),
    Run::of(
        "hsts_file",
        &["TLS_PLAIN/hello.txt", "OUTPUT.hsts", "CA"],
        "the file turns http:// into https://",
    )
    .says(&["known: localhost", "fetched: https://localhost", "hello, world", "kept: localhost, 1 of 1"]),
    Run::of("ftp_wildcard", &["FTP/many/file00*", "FOLDER"], "ten files come by a pattern").says(&[
        " 10 left: file",
        "  1 left: file",
        "10 files downloaded",
    ]),
    Run::of("ftp_wildcard", &["FTP/kinds/*", "FOLDER"], "what is no file is left out")
        .says(&["regular.bin, 1234 bytes, rw-r-----", "1 files downloaded"]),
    Run::of("ftp_wildcard", &["REFUSED/*", "FOLDER"], "a server that refuses connections")
        .fails(&["Failed to connect to 127.0.0.1", "0 files downloaded"]),
    Run::of("ftp_match", &["FTP/many/any", "^file(007|19.)\\.txt$"], "files that match a regular expression")
        .says(&["file007.txt 2\n", "file190.txt 4\n", "file199.txt 4\n"]),
    Run::of("ftp_match", &["FTP/many/any", "^nothing$"], "none that matches")
        .fails(&["Remote file not found"]),
    Run::of(
        "ssh_host_key",
        &["SFTP/hello.txt", "OUTPUT.known", "SSH_USER_KEY"],
        "a server that is not known is not trusted without an answer",
    )
    .fails(&["The server is not known yet.", "found: ssh-ed25519 AAAA", "(in the ssh_key callback)"]),
    Run::of(
        "ssh_host_key",
        &["SFTP/hello.txt", "OUTPUT.known", "SSH_USER_KEY"],
        "with an answer it is, and kept in the file",
    )
    .typed("yes\n")
    .says(&["Type yes if that is its key: ", "hello, ssh"]),
    Run::of("ssh_host_key", &["SFTP/hello.txt", "OUTPUT.known", "SSH_USER_KEY"], "then nobody is asked")
        .says(&["hello, ssh"]),
    Run::of(
        "ssh_pinned_key",
        &["SFTP/hello.txt", "SSH_KEY", "SSH_USER_KEY"],
        "a server that has the key which the program knows",
    )
    .says(&["hello, ssh"]),
    Run::of("ssh_pinned_key", &["SFTP/hello.txt", "another", "SSH_USER_KEY"], "a server that has another")
        .fails(&["the server has another key", "(in the ssh_host_key callback)"]),
    Run::of(
        "ws_callback",
        &["WS/questions"],
        "a callback answers a WebSocket server, which counts the answers",
    )
    .says(&["text chunk: one\ntext chunk: two\ntext chunk: three\nclosed with 1000: 3 of 3 answered\n"]),
    Run::of("ws_detached", &["WS/echo", "a message"], "a WebSocket without a transfer")
        .says(&["a message\nclosed\n"]),
    Run::of(
        "chat",
        &["WS/one", "WS/two"],
        "what is typed goes to two WebSockets, and what they say is printed",
    )
    .typed("hello\nand good-bye\n")
    .says(&[
        "room 1: hello\n",
        "room 2: hello\n",
        "room 1: and good-bye\n",
        "room 2: and good-bye\n",
        "room 1 is closed\n",
        "room 2 is closed\n",
    ]),
    Run::of("raw_connection", &["HTTP", "/hello"], "libcurl connects, and the program speaks HTTP by hand")
        .says(&["HTTP/1.1 200 OK", "hello, world"]),
    Run::of("rtsp_interleave", &["RTSP/stream"], "packets between the answers of an RTSP server")
        .says(&["channel 0: 5 bytes\nchannel 1: 4 bytes\n2 packets\n"]),
    Run::of(
        "parallel_download",
        &["FOLDER", "HTTP/bytes/100000", "NGINX_HTTP/small.txt", "HTTP/trickle/20/50", "NGINX_HTTP/slow.bin"],
        "downloads at once, until Ctrl-C",
    )
    .interrupted_at("50                       done")
    .says(&["100000                   done: 97.7 KiB\n", "slow.bin                 cancelled, "]),
    Run::of("parallel_download", &["FOLDER", "NGINX_HTTP/slow.bin"], "what was cancelled is gone on with")
        .says(&["slow.bin                 done: 39.1 KiB, ", " of it before\n"]),
    Run::of(
        "parallel_download",
        &["FOLDER", "HTTP/hello", "HTTP/status/404", "REFUSED/x"],
        "some of them fail",
    )
    .fails(&[
        "hello                    done: 13 B\n",
        "failed: status 404\n",
        "failed: Failed to connect",
    ]),
    Run::of("crawler", &["HTTP/tree/0"], "a page leads to others, and they to more").says(&[
        "/tree/0: status 200, ",
        "/tree/2: status 200, ",
        "20 pages, of at most 20\n",
    ]),
    Run::of("crawler", &["HTTP/tree/30"], "three pages are all there is").says(&["3 pages, of at most 20\n"]),
    Run::of("epoll", &["HTTP/hello", "HTTP/bytes/100000", "NGINX_HTTP/small.txt"], "a loop with epoll").says(
        &[
            "/hello: 13 bytes, status 200\n",
            "/bytes/100000: 100000 bytes, status 200\n",
            "/small.txt: 100 bytes, status 200\n",
        ],
    ),
    Run::of("epoll", &["HTTP/hello", "REFUSED/"], "one of them fails")
        .fails(&["/hello: 13 bytes, status 200\n", "onnect"]),
    Run::of("libuv", &["HTTP/hello", "HTTP/bytes/100000", "NGINX_HTTP/small.txt"], "libuv's loop").says(&[
        "/hello: 13 bytes\n",
        "/bytes/100000: 100000 bytes\n",
        "/small.txt: 100 bytes\n",
    ]),
    Run::of("libuv", &["HTTP/hello", "REFUSED/"], "one of them fails")
        .fails(&["/hello: 13 bytes\n", "onnect"]),
    Run::of("notify", &["HTTP/hello", "HTTP/bytes/100000"], "libcurl says what has ended")
        .says(&["/hello: CURLBACK_OK, 13 bytes\n", "/bytes/100000: CURLBACK_OK, 100000 bytes\n"]),
    Run::of("notify", &["HTTP/hello", "REFUSED/"], "one of them fails")
        .fails(&["/hello: CURLBACK_OK, 13 bytes\n", ": CURLE_COULDNT_CONNECT, 0 bytes\n"]),
    Run::of("push", &["PUSHES/page.txt", "PUSHES_CA"], "an HTTP/2 server sends two files more").says(&[
        "pushed :path",
        "/page.txt: 13 bytes\n",
        "/one.bin: 1000 bytes\n",
        "/two.bin: 2000 bytes\n",
    ]),
    Run::of("own_descriptors", &["HTTP/trickle/20/50"], "more URLs are typed while a transfer goes on")
        .typed("HTTP/hello\nHTTP/bytes/100000\n")
        .says(&["/hello: 13 bytes\n", "/bytes/100000: 100000 bytes\n", "/trickle/20/50: 20 bytes\n"]),
    Run::of("own_descriptors", &["HTTP/hello"], "what is typed is refused")
        .typed("REFUSED/\n")
        .fails(&["/hello: 13 bytes\n", "onnect"]),
    Run::of(
        "engine_thread",
        &["HTTP/hello", "HTTP/bytes/100000", "HTTP/hello"],
        "one thread does all transfers",
    )
    .says(&["/hello: 13 bytes\n", "/bytes/100000: 100000 bytes\n"]),
    Run::of("engine_thread", &["HTTP/hello", "REFUSED/"], "one of them fails")
        .fails(&["/hello: 13 bytes\n", "onnect"]),
    Run::of("failing_callback.cpp", &["HTTP/hello"], "C++: a callback throws, and perform() does")
        .says(&["the body is too long: stopped after 5 bytes\n"]),
    Run::of("many_downloads.cpp", &["HTTP/hello", "HTTP/bytes/100000"], "C++: downloads at once")
        .says(&["/hello: 13 bytes\n", "/bytes/100000: 100000 bytes\n"]),
    Run::of("many_downloads.cpp", &["HTTP/hello", "REFUSED/"], "C++: one of them fails")
        .fails(&["/hello: 13 bytes\n", "onnect"]),
];
