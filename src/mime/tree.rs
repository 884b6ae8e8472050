//! The parts of a mime as its callers made them. src/mime/sending.rs builds libcurl's own of them.

use std::ffi::CStr;
use std::ptr::without_provenance_mut;
use std::sync::{Arc, Weak};

use parking_lot::{Mutex, MutexGuard, RwLock};

use super::callbacks::Callbacks;
use super::{Mime, MimePart, curlback_mime, curlback_mime_part};
use crate::boundary::{Outcome, fail};
use crate::libcurl::strings::Strings;
use crate::registry;
use crate::result::code;
use crate::slot::Garbage;

/// How many mimes deep libcurl goes: it counts its own calls, and an encoder on each level is one more.
pub const DEEPEST: usize = 9;

/// Held while trees are looked at and changed, for some instructions: to be read where one part is concerned, to be written
/// where a tree is put to use or into another.
static FAMILIES: RwLock<()> = RwLock::new(());

pub struct Tree {
    /// The handle's value.
    handle: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    parts: Vec<Part>,
    /// The tree that this one is a part of.
    parent: Weak<Tree>,
    /// How many handles it is set on.
    set: usize,
    /// How many transfers send it.
    sending: usize,
}

#[derive(Clone, Default)]
pub struct Part {
    handle: usize,
    pub name: Option<Arc<CStr>>,
    pub filename: Option<Arc<CStr>>,
    pub mime_type: Option<Arc<CStr>>,
    pub encoder: Option<&'static CStr>,
    pub headers: Option<Arc<Strings>>,
    pub content: Content,
}

#[derive(Clone, Default)]
pub enum Content {
    #[default]
    None,
    Bytes(Arc<[u8]>),
    File(Arc<CStr>),
    Callbacks(Arc<Callbacks>),
    Subparts(Arc<Tree>),
}

impl Tree {
    pub fn new(handle: *mut curlback_mime) -> Arc<Self> {
        Arc::new(Tree { handle: handle.addr(), state: Mutex::default() })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }

    fn parent(&self) -> Option<Arc<Tree>> {
        self.state().parent.upgrade()
    }

    /// This tree and those that it is a part of, outwards.
    fn outwards(self: &Arc<Self>) -> impl Iterator<Item = Arc<Tree>> {
        std::iter::successors(Some(Arc::clone(self)), |tree| tree.parent())
    }

    /// How many mimes deep it is.
    fn depth(&self) -> usize {
        let inner = self.subtrees();
        1 + inner.iter().map(|tree| tree.depth()).max().unwrap_or(0)
    }

    fn subtrees(&self) -> Vec<Arc<Tree>> {
        let subtree = |part: &Part| match &part.content {
            Content::Subparts(tree) => Some(Arc::clone(tree)),
            _ => None,
        };
        self.state().parts.iter().filter_map(subtree).collect()
    }

    fn refuse_while_sent(self: &Arc<Self>) -> Outcome {
        if self.outwards().any(|tree| tree.state().sending > 0) {
            return fail(code::E_BUSY, "the mime is being sent: wait until the transfer has ended");
        }
        Ok(())
    }

    /// Refuses what is in use in any way.
    fn refuse_while_used(&self) -> Outcome {
        let state = self.state();
        if state.parent.strong_count() > 0 {
            return fail(code::E_IN_USE, "the mime is part of another");
        }
        if state.sending > 0 {
            return fail(code::E_IN_USE, "the mime is being sent: wait until the transfer has ended");
        }
        if state.set > 0 {
            return fail(
                code::E_IN_USE,
                "the mime is set on a handle: curlback_easy_set_mime with NULL detaches it",
            );
        }
        Ok(())
    }

    pub fn may_close(&self) -> Outcome {
        let _families = FAMILIES.write();
        self.refuse_while_used()
    }

    /// Appends a part; answers with its number.
    pub fn add(self: &Arc<Self>, part: *mut curlback_mime_part) -> Outcome<usize> {
        let _families = FAMILIES.read();
        self.refuse_while_sent()?;
        let parts = &mut self.state().parts;
        parts.push(Part { handle: part.addr(), ..Part::default() });
        Ok(parts.len() - 1)
    }

    /// Changes a part; `change` gives back what it replaces.
    pub fn change<T>(self: &Arc<Self>, number: usize, change: impl FnOnce(&mut Part) -> T) -> Outcome<T> {
        let _families = FAMILIES.read();
        self.refuse_while_sent()?;
        Ok(change(&mut self.state().parts[number]))
    }

    /// Makes another tree the content of a part; gives back the former content.
    pub fn adopt(self: &Arc<Self>, number: usize, inner: &Arc<Tree>) -> Outcome<Content> {
        let _families = FAMILIES.write();
        self.refuse_while_sent()?;
        if matches!(&self.state().parts[number].content, Content::Subparts(tree) if Arc::ptr_eq(tree, inner))
        {
            return Ok(Content::None);
        }
        if self.outwards().any(|tree| Arc::ptr_eq(&tree, inner)) {
            return fail(code::E_RANGE, "a mime cannot be part of itself");
        }
        inner.refuse_while_used()?;
        if self.outwards().count() + inner.depth() > DEEPEST {
            return fail(code::E_RANGE, format!("libcurl sends mimes that are at most {DEEPEST} deep"));
        }
        inner.state().parent = Arc::downgrade(self);
        let content = &mut self.state().parts[number].content;
        Ok(std::mem::replace(content, Content::Subparts(Arc::clone(inner))))
    }

    /// The parts as they are now.
    pub fn parts(&self) -> Vec<Part> {
        self.state().parts.clone()
    }

    /// The handles of its parts, and of what is in them, are no more.
    pub fn forget_parts(&self) {
        for part in self.parts() {
            registry::release::<MimePart>(without_provenance_mut(part.handle));
            if let Content::Subparts(tree) = part.content {
                registry::release::<Mime>(without_provenance_mut(tree.handle));
            }
        }
    }
}

/// What is left to be dropped of a tree if this was the last who had it.
pub fn remains(tree: Arc<Tree>) -> Vec<Garbage> {
    let Some(tree) = Arc::into_inner(tree) else { return Vec::new() };
    tree.state.into_inner().parts.into_iter().flat_map(|part| part.content.remains()).collect()
}

impl Content {
    /// What is left to be dropped of what a part had. The handles of a mime that was in there are no more.
    pub fn remains(self) -> Vec<Garbage> {
        match self {
            Content::None | Content::Bytes(_) | Content::File(_) => Vec::new(),
            Content::Callbacks(callbacks) => vec![callbacks.garbage()],
            Content::Subparts(tree) => {
                tree.state().parent = Weak::new();
                registry::release::<Mime>(without_provenance_mut(tree.handle));
                remains(tree)
            }
        }
    }
}

/// How a handle uses a tree.
#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    Set,
    Sending,
}

/// A tree that is in use until this goes.
pub struct Use {
    tree: Arc<Tree>,
    how: How,
}

impl Use {
    /// It is set on a handle.
    pub fn set(tree: &Arc<Tree>) -> Outcome<Self> {
        let _families = FAMILIES.write();
        if tree.parent().is_some() {
            return fail(code::E_IN_USE, "the mime is part of another");
        }
        tree.state().set += 1;
        Ok(Use { tree: Arc::clone(tree), how: How::Set })
    }

    /// It is set on another handle too.
    pub fn again(&self) -> Self {
        self.begin(How::Set)
    }

    /// A transfer sends it.
    pub fn sending(&self) -> Self {
        self.begin(How::Sending)
    }

    fn begin(&self, how: How) -> Self {
        let _families = FAMILIES.write();
        *how.count(&mut self.tree.state()) += 1;
        Use { tree: Arc::clone(&self.tree), how }
    }

    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// It is no more; what is left to be dropped.
    pub fn end(self) -> Vec<Garbage> {
        let tree = Arc::clone(&self.tree);
        drop(self);
        remains(tree)
    }
}

impl How {
    fn count(self, state: &mut State) -> &mut usize {
        match self {
            How::Set => &mut state.set,
            How::Sending => &mut state.sending,
        }
    }
}

impl Drop for Use {
    fn drop(&mut self) {
        let _families = FAMILIES.write();
        *self.how.count(&mut self.tree.state()) -= 1;
    }
}
