// The worker's loop: it holds the machines, works in slices of a few milliseconds, and speaks when
// asked. In: {wasm}, packed, once; [serial, bytes], a command; "frame", a question. Out: a frame's buffer, or a
// text that says what went wrong.
"use strict";
(() => {
  const SLICE_MS = 6; // Between two looks at the messages.
  const CALL_MS = 1.5; // Between two looks at the clock.
  const IDLE_MS = 400; // Nobody asked for so long: nobody looks, so nothing runs.
  const [FEWEST, MOST] = [500, 1 << 22];

  let machine = null;
  let early = []; // What came before the machine was there.
  let asked = 0; // When somebody last asked.
  let wanted = false; // A frame.
  let pumping = false;
  let instructions = 20000;
  const turn = new MessageChannel(); // A timer would wait 4 ms (HTML 8.6).

  const fail = (error) => {
    machine = null;
    early = null;
    postMessage(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
  };

  const start = async (wasm) => {
    try {
      await wasm_bindgen({ module_or_path: unpack(wasm) });
      machine = new wasm_bindgen.Worker();
      const waiting = early;
      early = [];
      waiting.forEach(hear);
    } catch (error) {
      fail(error);
    }
  };

  const hear = (message) => {
    if (message === "frame") {
      wanted = true;
      asked = performance.now();
    } else if (!machine.command(message[0], message[1])) {
      throw new Error("a command that this build does not know; reload the page");
    }
    pump();
  };

  const pump = () => {
    if (!pumping) {
      pumping = true;
      turn.port2.postMessage(0);
    }
  };

  // Works until the slice is over; false when there is nothing to do.
  const slice = (now) => {
    const end = now + SLICE_MS;
    while (now < end) {
      machine.clock?.(now);
      if (!machine.work(instructions)) return false;
      const after = performance.now();
      if (after - now < CALL_MS / 2) instructions = Math.min(instructions * 2, MOST);
      if (after - now > CALL_MS * 2) instructions = Math.max(instructions / 2, FEWEST);
      now = after;
    }
    return true;
  };

  turn.port1.onmessage = () => {
    pumping = false;
    if (!machine) return;
    try {
      const now = performance.now();
      const busy = now - asked < IDLE_MS && slice(now);
      if (wanted) {
        wanted = false;
        const { buffer } = machine.frame();
        postMessage(buffer, [buffer]);
      }
      if (busy) pump();
    } catch (error) {
      fail(error);
    }
  };

  onmessage = ({ data }) => {
    if (early === null) return;
    if (data && data.wasm) start(data.wasm);
    else if (!machine) early.push(data);
    else {
      try {
        hear(data);
      } catch (error) {
        fail(error);
      }
    }
  };
})();
