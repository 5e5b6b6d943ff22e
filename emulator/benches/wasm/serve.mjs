// The machine in WebAssembly, as a server on standard input: one command a line, one answer a line.
//
//   model NUMBER                       ok
//   boot SEED IMAGE LINE...            ok
//   run DISPATCH PS INSTRUCTIONS       nanoseconds of this process's CPU, instructions retired, 1 if it can go on
//   hash                               of the trace, and of the whole state

import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

const { instance } = await WebAssembly.instantiate(readFileSync(process.argv[2]), {});
const machine = instance.exports;

function put(room, bytes) {
  const at = room(bytes.length);
  new Uint8Array(machine.memory.buffer, at, bytes.length).set(bytes);
}

const hex = (n) => BigInt.asUintN(64, n).toString(16);

const commands = {
  boot(seed, image, ...line) {
    put(machine.image, readFileSync(image));
    put(machine.line, new TextEncoder().encode(line.join(" ")));
    return machine.boot(BigInt(seed)) ? "ok" : "the machine does not boot";
  },
  model: (number) => (machine.model(Number(number)) ? "ok" : "no such model"),
  run(dispatch, ps, instructions) {
    const before = machine.retired();
    const start = process.cpuUsage();
    const goesOn = machine.run(Number(dispatch), BigInt(ps), BigInt(instructions));
    const { user, system } = process.cpuUsage(start);
    return `${(user + system) * 1000} ${machine.retired() - before} ${goesOn}`;
  },
  hash: () => `${hex(machine.trace_hash())} ${hex(machine.state_hash())}`,
};

for await (const line of createInterface({ input: process.stdin })) {
  const [command, ...rest] = line.split(" ");
  console.log(commands[command]?.(...rest) ?? `unknown command ${command}`);
}
