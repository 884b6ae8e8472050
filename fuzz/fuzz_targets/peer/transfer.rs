//! One transfer, driven to its end while the server sends piece after piece.

use std::rc::Rc;

use curlback::boundary::curlback_last_error;
use curlback::easy::batch::curlback_easy_batch_body;
use curlback::easy::options::curlback_easy_set_list;
use curlback::easy::perform::{curlback_easy_cancel, curlback_easy_pause};
use curlback::libcurl::tables::{info, opt};
use curlback::library::curlback_live_handles;
use curlback_fuzz::{assert_known, open_descriptors};

use crate::script::{Script, connect, on_files, on_message};
use crate::sockets::Server;
use crate::support::multi::Multi;
use crate::support::{Easy, ok, text};

/// After so many rounds without a piece a transfer that does not end is cancelled.
const ROUNDS: usize = 20;

/// How many bytes of the input say what the callbacks do.
const STEPS: usize = 6;

struct Setup {
    protocol: u8,
    options: u8,
    batch: usize,
}

pub fn play(data: &[u8]) {
    let Some((head, text)) = data.split_at_checked(2 + STEPS) else { return };
    let (protocol, options) = (head[0] % 4, head[1]);
    let before = open_descriptors();
    let setup = Setup { protocol, options, batch: 0 };
    let plain = transfer(&setup, &head[2..], text);
    if protocol == 0 && head[2..].iter().all(|step| step % 16 < 8) {
        // Nobody can tell the body from one that was collected.
        let batched = transfer(&Setup { batch: 700, ..setup }, &head[2..], text);
        assert!(
            plain == batched,
            "{} and {}, {} and {} bytes",
            plain.0,
            batched.0,
            plain.1.len(),
            batched.1.len()
        );
    }
    assert_eq!(curlback_live_handles(), 0);
    assert_eq!(open_descriptors(), before);
}

/// The result, and the body.
fn transfer(setup: &Setup, steps: &[u8], text: &[u8]) -> (i32, Vec<u8>) {
    let (websocket, ftp) = (setup.protocol == 1, setup.protocol > 1);
    let server = Rc::new(Server::new(text, ftp));
    let script = Script::new(steps, websocket, ftp);
    let multi = Multi::new();
    let easy = Easy::new();
    script.easy.set(easy.raw().addr());
    prepare(&easy, setup, &script);
    connect(easy.raw(), &server);
    let ended = multi.collect();
    multi.add(&easy);
    let (mut idle, mut rounds) = (0, 0);
    loop {
        let result = multi.perform().0;
        assert_known(result);
        if !ended.borrow().is_empty() {
            break;
        }
        if script.paused.take() {
            assert_known(curlback_easy_pause(easy.raw(), 0));
        }
        idle = if server.go_on() { 0 } else { idle + 1 };
        // What waits for time to pass is given some.
        assert_known(multi.poll(i32::from(idle == ROUNDS / 2)));
        if idle == ROUNDS {
            script.interrupted.set(true);
            ok(curlback_easy_cancel(easy.raw()));
        }
        rounds += 1;
        assert!(rounds < 5000 && idle < 2 * ROUNDS, "the transfer does not end");
    }
    let (handle, result) = ended.borrow()[0];
    assert_eq!(handle, easy.raw());
    assert_known(result);
    script.over.set(true);
    look_at(&easy, result);
    server.hang_up();
    multi.remove(&easy);
    drop(easy);
    drop(multi);
    if !script.interrupted.get() {
        server.assert_all_closed();
    }
    (result, script.body.take())
}

fn prepare(easy: &Easy, setup: &Setup, script: &Rc<Script>) {
    let option = |bit: u8| setup.options >> bit & 1 != 0;
    easy.set_url(match setup.protocol {
        0 => "http://127.0.0.1/a",
        1 => "ws://127.0.0.1/a",
        2 => "ftp://127.0.0.1/dir/a",
        _ => "ftp://127.0.0.1/dir/*.txt",
    });
    // Wherever a redirect leads, no name is looked up.
    // SAFETY: one string.
    ok(unsafe {
        curlback_easy_set_list(easy.raw(), opt::CONNECT_TO, [c"::127.0.0.1:".as_ptr()].as_ptr(), 1)
    });
    easy.set_int(opt::SSL_VERIFYPEER, 0);
    easy.set_int(opt::MAXREDIRS, 4);
    easy.set_int(opt::SERVER_RESPONSE_TIMEOUT, 1);
    let script = || Rc::clone(script);
    let of = script();
    easy.on_header(move |easy, line| of.on_header(easy, line));
    let of = script();
    easy.on_xferinfo(move |easy, numbers| of.on_xferinfo(easy, numbers));
    if option(0) {
        let of = script();
        easy.on_debug(move |easy, kind, data| of.on_debug(easy, kind, data));
    }
    if setup.protocol == 1 && option(1) {
        on_message(easy.raw(), &script());
    } else {
        let of = script();
        easy.on_write(move |easy, data| of.on_write(easy, data));
    }
    match setup.protocol {
        0 => {
            easy.set_int(opt::FOLLOWLOCATION, i64::from(option(2)));
            easy.set_int(opt::FAILONERROR, i64::from(option(3)));
            if option(4) {
                easy.set_str(opt::ACCEPT_ENCODING, "");
            }
            if option(5) {
                easy.set_int(opt::UPLOAD, 1);
                let of = script();
                easy.on_read(move |easy, buffer| of.on_read(easy, buffer));
            }
            if option(6) {
                easy.set_str(opt::COOKIEFILE, "");
            }
            if option(7) {
                easy.set_str(opt::USERPWD, "user:word");
                easy.set_int(opt::HTTPAUTH, 0xf);
            }
        }
        1 => {
            // Raw frames are no messages.
            easy.set_int(opt::WS_OPTIONS, i64::from(setup.options >> 2 & if option(1) { 2 } else { 3 }));
        }
        protocol => {
            if protocol == 3 {
                easy.set_int(opt::WILDCARDMATCH, 1);
                on_files(easy.raw(), &script());
            }
            easy.set_int(opt::FTP_USE_EPSV, i64::from(option(2)));
            easy.set_int(opt::DIRLISTONLY, i64::from(option(3)));
            easy.set_int(opt::FILETIME, i64::from(option(4)));
            if option(5) {
                easy.set_int(opt::UPLOAD, 1);
                let of = script();
                easy.on_read(move |easy, buffer| of.on_read(easy, buffer));
            }
            easy.set_int(opt::RESUME_FROM_LARGE, i64::from(option(6)) * 3);
        }
    }
    script().batch.set(setup.batch);
    ok(curlback_easy_batch_body(easy.raw(), setup.batch));
}

/// What can be asked for afterwards is sound.
fn look_at(easy: &Easy, result: i32) {
    let error = easy.error();
    assert_eq!(error.result, result);
    assert!(error.message.is_null() || text(error.message).len() < 4096);
    assert!(text(curlback_last_error()).len() < 4096);
    assert!(easy.int(info::RESPONSE_CODE) >= 0 && easy.int(info::SIZE_DOWNLOAD_T) >= 0);
    assert!(!easy.string(info::EFFECTIVE_URL).is_empty());
}
