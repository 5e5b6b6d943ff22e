//! The port as smoltcp sees it: received frames from the handler's queue, transmit buffers from the ring.

use crate::nic::{FREE, Frame, MAX_FRAME, RECEIVED, TxRing, verify};
use smoltcp::phy::{self, Checksum, DeviceCapabilities, Medium};
use smoltcp::time::Instant;

/// The port.
pub struct Device {
    tx: TxRing,
    /// The frame that was looked at and not taken yet.
    next: Option<Frame>,
}

impl Device {
    /// Wraps the transmit ring.
    pub fn new(tx: TxRing) -> Self {
        Self { tx, next: None }
    }

    /// A look at the frame that the stack will receive next. The stack may answer every frame it gets, so it
    /// gets none without room for an answer.
    #[inline]
    pub fn next_frame(&mut self) -> Option<&[u8]> {
        if !self.has_room() {
            return None;
        }
        if self.next.is_none() {
            self.next = next_sound_frame();
        }
        self.next.as_ref().map(bytes)
    }

    /// True if there is room for a frame to send.
    #[inline]
    pub fn has_room(&self) -> bool {
        self.tx.has_room()
    }

    /// Tells the port of what was queued.
    #[inline]
    pub fn flush(&mut self) {
        self.tx.flush();
    }
}

impl phy::Device for Device {
    type RxToken<'a> = RxToken;
    type TxToken<'a> = TxToken<'a>;

    fn receive(&mut self, _: Instant) -> Option<(RxToken, TxToken<'_>)> {
        let frame = self.next.take()?;
        Some((RxToken(frame), TxToken(&mut self.tx)))
    }

    fn transmit(&mut self, _: Instant) -> Option<TxToken<'_>> {
        self.tx.has_room().then_some(TxToken(&mut self.tx))
    }

    fn capabilities(&self) -> DeviceCapabilities {
        let mut capabilities = DeviceCapabilities::default();
        capabilities.medium = Medium::Ethernet;
        capabilities.max_transmission_unit = MAX_FRAME;
        // The port verifies what it receives, the driver fills in what it sends; ICMP is the stack's.
        capabilities.checksum.ipv4 = Checksum::None;
        capabilities.checksum.tcp = Checksum::None;
        capabilities.checksum.udp = Checksum::None;
        capabilities
    }
}

/// The next frame whose checksums are right, by the port's word or by our own computation.
fn next_sound_frame() -> Option<Frame> {
    loop {
        let frame = Frame::unpack(RECEIVED.pop()?);
        if frame.checked || verify(bytes(&frame)) {
            return Some(frame);
        }
        FREE.push(frame.buffer);
    }
}

fn bytes(frame: &Frame) -> &[u8] {
    // SAFETY: the buffer left the ring with this frame, and is the stack's until it is pushed to FREE.
    unsafe { core::slice::from_raw_parts(frame.buffer as *const u8, frame.length as usize) }
}

/// A received frame. Its buffer goes back when the token goes.
pub struct RxToken(Frame);

impl phy::RxToken for RxToken {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, f: F) -> R {
        f(bytes(&self.0))
    }
}

impl Drop for RxToken {
    fn drop(&mut self) {
        // There are as many places as buffers outside the ring, so the push succeeds.
        FREE.push(self.0.buffer);
    }
}

/// Room for one frame in the transmit ring.
pub struct TxToken<'a>(&'a mut TxRing);

impl phy::TxToken for TxToken<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, length: usize, f: F) -> R {
        let result = f(self.0.buffer(length));
        self.0.send(length);
        result
    }
}
