//! The scripted HTTP/1.1 server.
//!
//! GET stands for GET and HEAD, except where marked *: those are written by hand, GET only.
//! N, SIZE, MS and CODE are decimal numbers. A query is ignored, except that `wait_stalled` looks at it.
//!
//! | request | answer |
//! |---|---|
//! | GET /hello | `hello, world\n`, with `X-Hello: one` |
//! | GET /bytes/N | N bytes of the pattern with Content-Length; 206 and 416 for a `Range: bytes=` of one range |
//! | GET /chunked/N/SIZE * | N bytes of the pattern in chunks of SIZE, then the trailer `X-Trailer: end` |
//! | GET /trickle/N/MS | N bytes of the pattern one at a time, MS milliseconds apart, with Content-Length |
//! | GET /stall * | `Content-Length: 1000` and 10 bytes of the pattern, then nothing until the client goes away |
//! | GET /hang * | nothing until the client goes away |
//! | GET /early * | 103 with `Link: </style.css>; rel=preload`, then 200 `hello, world\n` |
//! | GET /redirect/N | 302 to /redirect/N-1, the last one to /hello; /redirect/0 goes straight to /hello |
//! | GET /tree/N | an HTML page with links to /tree/2N+1, /tree/2N+2, itself and another host; the leaves, from 31 on, link to nothing |
//! | GET /loop | 302 to /loop |
//! | GET /headers/N | `X-Header-0: 0` to `X-Header-<N-1>: <N-1>`, body `N headers\n`; N up to 20,000 |
//! | GET /bigheader/N | `X-Big: ` and N times `a`, body `N bytes\n` |
//! | GET /status/CODE | that status (200 to 999), body `status CODE\n` where the status allows one |
//! | GET /cookies | `Set-Cookie: one=1; Path=/` and `Set-Cookie: two=2; Path=/`, body `cookies\n` |
//! | GET /request-headers | the request line and header lines as text, names in lower case, LF at line ends |
//! | GET /auth | Basic: 401 until user `user` and password `secret` come, then `welcome\n` |
//! | PUT, POST /echo | the body that came, see below |
//! | PUT, POST /redirect307 | reads the whole body, then 307 to /echo |
//! | PUT, POST /redirect307/NAME | the same to /NAME |
//! | PUT, POST /multipart | takes a multipart/form-data apart: [`crate::parts`] reads the answer; 400 and the reason where it cannot |
//! | PUT, POST /digest | reads the whole body; 401 with a Digest challenge until an answer for user `user` comes (its hash is not checked), then as /echo |
//!
//! /echo describes the request in headers: `X-Method`, `X-Content-Length`, `X-Transfer-Encoding`, `X-Content-Type`
//! (`none` where the request had none), and `X-Got-Trailer-<name>` for each trailer.
//! `Expect: 100-continue` is answered with 100. Anything else is 404, a wrong method 405, a bad number 400.

mod by_hand;
mod multipart;
mod routes;

use std::collections::HashMap;
use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener as StdListener};
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use futures_util::future::{Either, select};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};

/// The scripted HTTP/1.1 server; the routes are listed at the top of src/http.rs. Dropping it closes every connection.
#[derive(Debug)]
pub struct HttpServer {
    address: SocketAddr,
    state: Arc<State>,
    stop: Option<oneshot::Sender<Infallible>>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct State {
    requests: AtomicUsize,
    connections: AtomicUsize,
    stalled: Mutex<HashMap<String, usize>>,
    stalled_changed: Condvar,
}

impl HttpServer {
    /// Starts one on a free port of 127.0.0.1.
    pub fn start() -> Self {
        Self::on((Ipv4Addr::LOCALHOST, 0).into()).expect("a free port of 127.0.0.1")
    }

    /// Starts one on a free port of [::1], where the machine has IPv6.
    pub fn start_ipv6() -> io::Result<Self> {
        Self::on((Ipv6Addr::LOCALHOST, 0).into())
    }

    /// One for the whole process. Its counters see every test's requests: a test that counts starts its own.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<HttpServer> = OnceLock::new();
        SHARED.get_or_init(Self::start)
    }

    fn on(address: SocketAddr) -> io::Result<Self> {
        let listener = StdListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let state = Arc::new(State::default());
        let (stop, stopped) = oneshot::channel::<Infallible>();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let serve = {
            let state = state.clone();
            async move {
                let listener = TcpListener::from_std(listener).expect("a listener that is nonblocking");
                select(pin!(accept(listener, state)), stopped).await;
            }
        };
        // When the block ends, the runtime goes, and with it every connection.
        let thread =
            thread::Builder::new().name("http-server".into()).spawn(move || runtime.block_on(serve))?;
        Ok(Self { address, state, stop: Some(stop), thread: Some(thread) })
    }

    /// `http://127.0.0.1:PORT` and then `path`, which starts with a slash.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// How many requests came so far; those that follow a redirect count too.
    pub fn requests(&self) -> usize {
        self.state.requests.load(Ordering::SeqCst)
    }

    /// How many connections were accepted so far.
    pub fn connections(&self) -> usize {
        self.state.connections.load(Ordering::SeqCst)
    }

    /// Waits until a /stall or /hang request has reached the point where nothing more will come; false after `limit`.
    ///
    /// `target` is the request's path with its query: on a shared server each test asks for its own, such as
    /// `/stall?cancel`. Each call takes one request's event.
    #[must_use]
    pub fn wait_stalled(&self, target: &str, limit: Duration) -> bool {
        let stalled = self.state.stalled.lock().unwrap_or_else(PoisonError::into_inner);
        let none_yet = |events: &mut HashMap<String, usize>| !events.contains_key(target);
        let (mut stalled, timeout) = self
            .state
            .stalled_changed
            .wait_timeout_while(stalled, limit, none_yet)
            .unwrap_or_else(PoisonError::into_inner);
        if timeout.timed_out() {
            return false;
        }
        let left = stalled.get_mut(target).map(|count| {
            *count -= 1;
            *count
        });
        if left == Some(0) {
            stalled.remove(target);
        }
        true
    }
}

impl Drop for HttpServer {
    fn drop(&mut self) {
        self.stop.take();
        if let Some(thread) = self.thread.take() {
            // A panic in there was printed already, and a second one here would abort the test.
            let _ = thread.join();
        }
    }
}

impl State {
    fn has_stalled(&self, target: String) {
        *self.stalled.lock().unwrap_or_else(PoisonError::into_inner).entry(target).or_default() += 1;
        self.stalled_changed.notify_all();
    }
}

async fn accept(listener: TcpListener, state: Arc<State>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                state.connections.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(serve(stream, state.clone()));
            }
            // Out of descriptors, most likely: the test that took them gives them back.
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}

/// One connection: hyper serves it until a request comes that is answered by hand, and goes on after that.
async fn serve(mut stream: TcpStream, state: Arc<State>) {
    // A trickle has to leave at once. Where this fails, the connection is gone and reading says so.
    let _ = stream.set_nodelay(true);
    loop {
        let (hand_over, mut handed_over) = mpsc::unbounded_channel();
        let service = service_fn(|request| routes::answer(state.clone(), hand_over.clone(), request));
        let mut http = http1::Builder::new()
            .title_case_headers(true)
            .max_headers(1000)
            .serve_connection(TokioIo::new(stream), service);
        let answer = match select(&mut http, pin!(handed_over.recv())).await {
            Either::Right((Some(answer), _)) => answer,
            _ => return,
        };
        // The earlier answers were flushed: a client that does not pipeline has read them.
        stream = http.into_parts().io.into_inner();
        match answer.write(&mut stream, &state).await {
            Ok(by_hand::Then::GoOn) => {}
            // The client went away, which is what most of these tests are about.
            Ok(by_hand::Then::Close) | Err(_) => return,
        }
    }
}
