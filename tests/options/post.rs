//! POSTFIELDS and lists: what libcurl reads without copying it.

use std::cell::{Cell, RefCell};
use std::io::{BufRead as _, BufReader, Write as _};
use std::rc::Rc;
use std::sync::{Arc, Mutex};

use curlback::easy::curlback_easy_duplicate;
use curlback::easy::options::{curlback_easy_set_bytes, curlback_easy_set_int, curlback_easy_unset};
use curlback::libcurl::tables::{info, opt};
use curlback::libcurl::version;
use curlback::result::code;
use curlback_test_servers::{HttpServer, RawServer, pattern};

use crate::support::{Easy, ok, skipped};
use crate::{fetch, fetch_text, refused, set_bytes, set_list};

/// What curlback_debug calls the headers that are sent.
const HEADER_OUT: i32 = curlback::callback::debug::curlback_debug::CURLBACK_DEBUG_HEADER_OUT as i32;

fn to_echo() -> Easy {
    Easy::to(&HttpServer::shared().url("/echo"))
}

/// The answer's headers, in the order they come in.
fn keep_headers(easy: &Easy) -> Rc<RefCell<String>> {
    let headers = Rc::new(RefCell::new(String::new()));
    let copy = Rc::clone(&headers);
    easy.on_header(move |_, data| {
        copy.borrow_mut().push_str(&String::from_utf8_lossy(data).to_lowercase());
        data.len() as i64
    });
    headers
}

#[test]
fn the_bytes_are_copied_and_may_hold_nuls() {
    let easy = to_echo();
    let headers = keep_headers(&easy);
    let bytes = b"\0one\0two\xff\0";
    ok(set_bytes(easy.raw(), opt::POSTFIELDS, bytes));
    assert_eq!(fetch(&easy), bytes);
    assert!(headers.borrow().contains("x-method: post\r\n"));
    assert!(headers.borrow().contains("x-content-length: 10\r\n"));
    assert_eq!(fetch(&easy), bytes, "the second time too");
}

#[test]
fn an_empty_body_is_a_post_of_no_bytes() {
    let easy = to_echo();
    let headers = keep_headers(&easy);
    // SAFETY: NULL is allowed for no bytes.
    ok(unsafe { curlback_easy_set_bytes(easy.raw(), opt::POSTFIELDS, std::ptr::null(), 0) });
    assert_eq!(fetch(&easy), b"");
    assert!(headers.borrow().contains("x-method: post\r\n"));
    assert!(headers.borrow().contains("x-content-length: 0\r\n"));
    ok(set_bytes(easy.raw(), opt::POSTFIELDS, b""));
    assert_eq!(fetch(&easy), b"");
}

#[test]
fn no_more_bytes_are_sent_than_there_are() {
    let easy = to_echo();
    ok(set_bytes(easy.raw(), opt::POSTFIELDS, b"ab\0cd"));
    for option in [opt::POSTFIELDSIZE_LARGE, opt::POSTFIELDSIZE] {
        for size in [6, i64::MAX] {
            let sentence = refused(curlback_easy_set_int(easy.raw(), option, size), code::E_RANGE);
            assert_eq!(sentence, format!("POSTFIELDS has 5 bytes, not {size}"));
        }
        easy.set_int(option, 5);
        assert_eq!(fetch(&easy), b"ab\0cd");
        easy.set_int(option, 4);
        assert_eq!(fetch(&easy), b"ab\0c");
        easy.set_int(option, 0);
        assert_eq!(fetch(&easy), b"");
        // libcurl then takes it for a string.
        easy.set_int(option, -1);
        assert_eq!(fetch(&easy), b"ab");
    }
    // A size from before does not outlive the bytes it was for.
    ok(set_bytes(easy.raw(), opt::POSTFIELDS, b"long enough"));
    easy.set_int(opt::POSTFIELDSIZE_LARGE, 11);
    ok(set_bytes(easy.raw(), opt::POSTFIELDS, b"x"));
    assert_eq!(fetch(&easy), b"x");

    // The copy of a handle knows the length too.
    let mut copy = std::ptr::null_mut();
    // SAFETY: it can be written to.
    ok(unsafe { curlback_easy_duplicate(easy.raw(), &mut copy) });
    let copy = Easy::adopt(copy);
    let sentence = refused(curlback_easy_set_int(copy.raw(), opt::POSTFIELDSIZE_LARGE, 2), code::E_RANGE);
    assert_eq!(sentence, "POSTFIELDS has 1 bytes, not 2");
    drop(easy);
    assert_eq!(fetch(&copy), b"x");
}

#[test]
fn unset_postfields_are_not_sent() {
    let easy = to_echo();
    let headers = keep_headers(&easy);
    ok(set_bytes(easy.raw(), opt::POSTFIELDS, b"not to be sent"));
    ok(curlback_easy_unset(easy.raw(), opt::POSTFIELDS));
    // The bytes' length is no limit any more.
    easy.set_int(opt::POSTFIELDSIZE_LARGE, 20);
    ok(curlback_easy_unset(easy.raw(), opt::POSTFIELDS));
    let left = Cell::new(Some(b"read"));
    easy.on_read(move |_, buffer| {
        let Some(bytes) = left.take() else { return 0 };
        buffer[..4].copy_from_slice(bytes);
        4
    });
    assert_eq!(fetch(&easy), b"read");
    assert!(headers.borrow().contains("x-method: post\r\n"));
    easy.set_int(opt::HTTPGET, 1);
    easy.set_url(&HttpServer::shared().url("/request-headers"));
    assert!(fetch_text(&easy).starts_with("GET "));
}

/// libcurl goes on reading the memory it began with.
#[test]
fn postfields_can_be_replaced_while_they_are_sent() {
    let (first, second) = (pattern(0, 8 << 20), pattern(77, 3000));
    for unset in [false, true] {
        let easy = to_echo();
        ok(set_bytes(easy.raw(), opt::POSTFIELDS, &first));
        let replaced = Rc::new(Cell::new(0));
        let (count, other) = (Rc::clone(&replaced), second.clone());
        easy.on_xferinfo(move |easy, [_, _, total, now]| {
            if now > 0 && now < total && count.get() < 2 {
                count.set(count.get() + 1);
                ok(set_bytes(easy, opt::POSTFIELDS, &other));
                if unset {
                    ok(curlback_easy_unset(easy, opt::POSTFIELDS));
                }
            }
            0
        });
        let echoed = fetch(&easy);
        assert_eq!(replaced.get(), 2, "replaced in the middle");
        assert!(echoed == first, "{} bytes of {}", echoed.len(), first.len());
        if unset {
            easy.on_read(|_, _| 0);
            assert_eq!(fetch(&easy), b"");
        } else {
            assert!(fetch(&easy) == second);
        }
    }
}

/// What was sent, with the transfer's redirect in two pieces.
fn sent(easy: &Easy) -> Rc<RefCell<Vec<String>>> {
    let requests = Rc::new(RefCell::new(Vec::new()));
    let copy = Rc::clone(&requests);
    easy.on_debug(move |_, kind, data| {
        if kind == HEADER_OUT {
            copy.borrow_mut().push(String::from_utf8_lossy(data).into_owned());
        }
    });
    requests
}

#[test]
fn lists_are_copied_and_unset() {
    let easy = Easy::to(&HttpServer::shared().url("/request-headers"));
    ok(set_list(easy.raw(), opt::HTTPHEADER, &["X-One: 1", "X-Two: 2"]));
    let answer = fetch_text(&easy);
    assert!(answer.contains("\nx-one: 1\nx-two: 2\n"), "{answer}");
    ok(set_list(easy.raw(), opt::HTTPHEADER, &["X-Three: 3"]));
    let answer = fetch_text(&easy);
    assert!(answer.contains("\nx-three: 3\n") && !answer.contains("x-one"), "{answer}");
    ok(set_list(easy.raw(), opt::HTTPHEADER, &[]));
    assert!(!fetch_text(&easy).contains("x-"));
    ok(set_list(easy.raw(), opt::HTTPHEADER, &["X-Four: 4"]));
    ok(curlback_easy_unset(easy.raw(), opt::HTTPHEADER));
    assert!(!fetch_text(&easy).contains("x-"));
}

#[test]
fn a_refused_list_leaves_the_former() {
    let easy = Easy::to(&HttpServer::shared().url("/request-headers"));
    ok(set_list(easy.raw(), opt::HTTPHEADER, &["X-One: 1"]));
    let items = [c"X-Two: 2".as_ptr(), std::ptr::null()];
    // SAFETY: there are two, one of them NULL, which is refused.
    let result = unsafe {
        curlback::easy::options::curlback_easy_set_list(easy.raw(), opt::HTTPHEADER, items.as_ptr(), 2)
    };
    assert_eq!(result, code::E_NULL);
    let answer = fetch_text(&easy);
    assert!(answer.contains("\nx-one: 1\n") && !answer.contains("x-two"), "{answer}");
}

#[test]
fn a_list_can_be_replaced_in_a_callback() {
    for (count, then) in [(1, &["X-List: second"][..]), (0, &[])] {
        let easy = Easy::to(&HttpServer::shared().url("/redirect/1"));
        easy.set_int(opt::FOLLOWLOCATION, 1);
        ok(set_list(easy.raw(), opt::HTTPHEADER, &["X-List: first"]));
        let requests = sent(&easy);
        easy.on_header(move |easy, data| {
            // At every line, so that the replaced is replaced too.
            ok(set_list(easy, opt::HTTPHEADER, then));
            data.len() as i64
        });
        assert_eq!(fetch_text(&easy), "hello, world\n");
        assert_eq!(easy.int(info::REDIRECT_COUNT), 1);
        let requests = requests.borrow();
        assert_eq!(requests.len(), 2);
        assert!(requests[0].contains("\r\nX-List: first\r\n"), "{}", requests[0]);
        assert_eq!(requests[1].matches("X-List: second").count(), count, "{}", requests[1]);
        assert!(!requests[1].contains("first"), "{}", requests[1]);
    }
}

/// Takes mail, and keeps what it was told.
fn mail_server() -> (RawServer, Arc<Mutex<Vec<String>>>) {
    let told = Arc::new(Mutex::new(Vec::new()));
    let keep = Arc::clone(&told);
    let server = RawServer::start(move |mut stream, _| {
        stream.write_all(b"220 here\r\n")?;
        let mut in_mail = false;
        for line in BufReader::new(stream).lines() {
            let line = line?;
            in_mail = (in_mail || line == "DATA") && line != ".";
            match line.as_str() {
                "DATA" => stream.write_all(b"354 go on\r\n")?,
                "QUIT" => stream.write_all(b"221 bye\r\n")?,
                _ if in_mail => {}
                _ => stream.write_all(b"250 fine\r\n")?,
            }
            keep.lock().unwrap().push(line);
        }
        Ok(())
    });
    (server, told)
}

/// libcurl goes on in the list that it began with: here it asks for one recipient after another.
#[test]
fn a_list_can_be_replaced_while_libcurl_works_through_it() {
    if !version::has(version::protocols(), "smtp") {
        return skipped("a list that libcurl works through", "SMTP");
    }
    const FIRST: [&str; 4] = ["<one@example>", "<two@example>", "<three@example>", "<four@example>"];
    let (server, told) = mail_server();
    let easy = Easy::to(&format!("smtp://127.0.0.1:{}/me", server.port()));
    easy.set_int(opt::UPLOAD, 1);
    easy.set_str(opt::MAIL_FROM, "<me@example>");
    ok(set_list(easy.raw(), opt::MAIL_RCPT, &FIRST));
    easy.on_read(|_, _| 0);
    easy.on_header(|easy, line| {
        ok(set_list(easy, opt::MAIL_RCPT, &["<other@example>", "<more@example>"]));
        line.len() as i64
    });
    ok(easy.perform());
    let told = told.lock().unwrap();
    let recipients: Vec<_> = told.iter().filter_map(|line| line.strip_prefix("RCPT TO:")).collect();
    // It begins with what is set by then.
    assert!(recipients == FIRST || recipients == ["<other@example>", "<more@example>"], "{recipients:?}");
}
