//! The calls that other threads may make at any time, made by another thread while this one waits for it.

use std::rc::Rc;
use std::sync::OnceLock;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use curlback::easy::curlback_easy_release;
use curlback::easy::info::curlback_easy_get_int;
use curlback::easy::options::curlback_easy_set_int;
use curlback::easy::perform::{curlback_easy_cancel, curlback_easy_pause};
use curlback::libcurl::tables::{info, opt};
use curlback::multi::members::{curlback_multi_add, curlback_multi_remove};
use curlback::multi::queue::{curlback_multi_stop, curlback_multi_wakeup};

use crate::world::{Handle, Kind, World};

type Job = Box<dyn FnOnce() -> i32 + Send>;

/// What `job` answers on the other thread.
fn there(job: impl FnOnce() -> i32 + Send + 'static) -> i32 {
    static JOBS: OnceLock<Sender<(Job, Sender<i32>)>> = OnceLock::new();
    let jobs = JOBS.get_or_init(|| {
        let (jobs, waiting): (_, Receiver<(Job, Sender<i32>)>) = channel();
        thread::spawn(move || {
            waiting.into_iter().for_each(|(job, answer)| answer.send(job()).expect("it is waited for"))
        });
        jobs
    });
    let (answer, answered) = channel();
    jobs.send((Box::new(job), answer)).expect("the other thread does not end");
    answered.recv().expect("the other thread answers")
}

pub fn of_easy(world: &Rc<World>, handle: Handle) {
    let value = handle.value;
    let easy = move || std::ptr::without_provenance_mut(value);
    let result = match world.byte() % 5 {
        0 => there(move || curlback_easy_cancel(easy())),
        1 => {
            let mask = i32::from(world.byte() % 6);
            there(move || curlback_easy_pause(easy(), mask))
        }
        2 => there(move || curlback_easy_set_int(easy(), opt::VERBOSE, 0)),
        3 => there(move || {
            let mut value = 0;
            // SAFETY: it can be written to.
            unsafe { curlback_easy_get_int(easy(), info::RESPONSE_CODE, &mut value) }
        }),
        _ if !world.may_release() => return,
        _ => {
            world.releases(handle);
            there(move || {
                curlback_easy_release(easy());
                0
            });
            return;
        }
    };
    world.answered(handle, result);
}

pub fn of_multi(world: &Rc<World>, handle: Handle) {
    let value = handle.value;
    let multi = move || std::ptr::without_provenance_mut(value);
    let easy = world.pick(Kind::Easy).value;
    let easy = move || std::ptr::without_provenance_mut(easy);
    let result = match world.byte() % 4 {
        0 => there(move || curlback_multi_stop(multi())),
        1 => there(move || curlback_multi_wakeup(multi())),
        2 => there(move || curlback_multi_add(multi(), easy())),
        _ => there(move || curlback_multi_remove(multi(), easy())),
    };
    world.answered_of(handle, result);
}
