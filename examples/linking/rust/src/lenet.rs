//! The network: a safe function around its object's two.

use std::ffi::{c_void, CStr};
use std::os::raw::{c_char, c_int};

include!(concat!(env!("OUT_DIR"), "/lenet.rs"));

extern "C" {
    fn lenet_run(
        image: *const f32,
        class: *mut f32,
        workspace: *mut c_void,
        workspace_bytes: usize,
    ) -> c_int;
    fn lenet_info() -> *const Info;
}

/// The network with a workspace of its own: one for each thread that runs it.
pub struct Lenet {
    workspace: Vec<Line>,
}

#[derive(Clone)]
#[repr(align(64))]
struct Line {
    _bytes: [u8; LENET_ALIGNMENT],
}

const _: () = assert!(std::mem::align_of::<Line>() == LENET_ALIGNMENT);

impl Lenet {
    pub fn new() -> Self {
        let line = Line {
            _bytes: [0; LENET_ALIGNMENT],
        };
        Lenet {
            workspace: vec![line; LENET_WORKSPACE_BYTES / LENET_ALIGNMENT + 1],
        }
    }

    pub fn run(&mut self, image: &[f32; LENET_IMAGE_FLOATS]) -> [f32; LENET_CLASS_FLOATS] {
        let mut scores = [0.0; LENET_CLASS_FLOATS];
        let workspace = self.workspace.as_mut_ptr().cast();
        // Sizes are the object's own, and the borrows keep the buffers apart.
        let result = unsafe {
            lenet_run(
                image.as_ptr(),
                scores.as_mut_ptr(),
                workspace,
                LENET_WORKSPACE_BYTES,
            )
        };
        assert_eq!(result as usize, LENET_OK);
        scores
    }
}

/// The beginning of `struct cnn_info`, up to what is used here. Texts and lists are told by their
/// distance in bytes from its beginning.
#[repr(C)]
struct Info {
    magic: [u8; 8],
    bytes: i64,
    identity: [u8; 16],
    texts: [i64; 4],
    inputs: i64,
    input_count: i64,
    outputs: i64,
}

/// `struct cnn_info_tensor`
#[repr(C)]
struct Tensor {
    name: i64,
    kind: i64,
    layout: i64,
    shape: [i64; 4],
    has_range: i64,
    range: [f64; 2],
    labels: i64,
    label_count: i64,
}

/// The name of a class.
pub fn label(class: usize) -> &'static str {
    assert!(class < LENET_CLASS_CHANNELS);
    // The block is constant, and as long as the program.
    let text = unsafe {
        let info = lenet_info();
        let start: *const u8 = info.cast();
        let output: *const Tensor = start.offset((*info).outputs as isize).cast();
        let labels: *const i64 = start.offset((*output).labels as isize).cast();
        let text: *const c_char = start.offset(*labels.add(class) as isize).cast();
        CStr::from_ptr(text)
    };
    text.to_str().expect("network files are UTF-8")
}
