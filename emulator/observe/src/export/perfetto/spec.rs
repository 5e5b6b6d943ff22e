//! Field numbers of Perfetto's schema (protos/perfetto/trace), as far as they are written here.

/// `Trace.packet`.
pub const TRACE_PACKET: u32 = 1;

/// `TracePacket`.
pub mod packet {
    /// Nanoseconds.
    pub const TIMESTAMP: u32 = 8;
    /// Which sequence of packets it belongs to.
    pub const SEQUENCE_ID: u32 = 10;
    /// An event.
    pub const TRACK_EVENT: u32 = 11;
    /// What the sequence remembers.
    pub const SEQUENCE_FLAGS: u32 = 13;
    /// A track.
    pub const TRACK_DESCRIPTOR: u32 = 60;
    /// `SEQ_INCREMENTAL_STATE_CLEARED`.
    pub const STATE_CLEARED: u64 = 1;
}

/// `TrackDescriptor`.
pub mod track {
    /// Its identity.
    pub const UUID: u32 = 1;
    /// Its name.
    pub const NAME: u32 = 2;
    /// A process.
    pub const PROCESS: u32 = 3;
    /// A thread.
    pub const THREAD: u32 = 4;
    /// The track it belongs to.
    pub const PARENT: u32 = 5;
    /// A counter.
    pub const COUNTER: u32 = 8;
    /// `ProcessDescriptor`: pid, name.
    pub const PROCESS_PID: u32 = 1;
    /// Name.
    pub const PROCESS_NAME: u32 = 6;
    /// `ThreadDescriptor`: pid, tid, name.
    pub const THREAD_PID: u32 = 1;
    /// Tid.
    pub const THREAD_TID: u32 = 2;
    /// Name.
    pub const THREAD_NAME: u32 = 5;
    /// `CounterDescriptor.unit_name`.
    pub const COUNTER_UNIT_NAME: u32 = 6;
}

/// `TrackEvent`.
pub mod event {
    /// Debug annotations.
    pub const ANNOTATION: u32 = 4;
    /// What it is.
    pub const TYPE: u32 = 9;
    /// On which track.
    pub const TRACK_UUID: u32 = 11;
    /// Categories.
    pub const CATEGORY: u32 = 22;
    /// Its name.
    pub const NAME: u32 = 23;
    /// A counter's value.
    pub const COUNTER_VALUE: u32 = 30;
    /// Flows through it.
    pub const FLOW: u32 = 47;
    /// Flows that end here.
    pub const TERMINATING_FLOW: u32 = 48;
    /// A slice begins.
    pub const SLICE_BEGIN: u64 = 1;
    /// A slice ends.
    pub const SLICE_END: u64 = 2;
    /// An instant.
    pub const INSTANT: u64 = 3;
    /// A counter.
    pub const COUNTER: u64 = 4;
    /// `DebugAnnotation.uint_value`.
    pub const ANNOTATION_UINT: u32 = 3;
    /// `DebugAnnotation.pointer_value`.
    pub const ANNOTATION_POINTER: u32 = 7;
    /// `DebugAnnotation.name`.
    pub const ANNOTATION_NAME: u32 = 10;
}
