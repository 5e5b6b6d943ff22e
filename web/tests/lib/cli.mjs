// The command line, and the site's files as it would read them.
import { execFile } from "node:child_process";
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { CLI, ROOT, SITE } from "./env.mjs";

const run = promisify(execFile);

// What ships as NAME.lzma, unpacked by the page's own script.
export async function shipped(name) {
  const script = await readFile(path.join(ROOT, "web/unpack.js"), "utf8");
  const unpack = new Function(`${script}; return unpack;`)();
  return unpack(new Uint8Array(await readFile(path.join(SITE, `${name}.lzma`))));
}

export const catalogue = async () => JSON.parse(await readFile(path.join(SITE, "manifest.json"), "utf8")).catalogue;

// The modes that the page puts beside each other, and the images: what they are called is the scenarios' business.
export const pair = async () => {
  const text = await readFile(path.join(ROOT, "examples/scenarios/lab.toml"), "utf8");
  return JSON.parse(/^pair = (\[.*\])$/m.exec(text)[1]);
};
export const images = async () => (await catalogue()).scenarios[0].images.map((image) => image.name);

// A folder with the images that the page runs, to the byte, since some are in a machine's memory as files.
export async function guests(scenarios) {
  const folder = await mkdtemp(path.join(os.tmpdir(), "lab-"));
  const images = new Map(scenarios.flatMap(({ images }) => images).map(({ name, file }) => [name, file]));
  for (const [name, file] of images) await writeFile(path.join(folder, name), await shipped(file));
  return folder;
}

// Those of the first scenario, and that with `message` for its message size, on a wire that takes `rate` packets a second.
export async function bench(message, rate) {
  const folder = await guests((await catalogue()).scenarios.slice(0, 1));
  const text = await readFile(path.join(ROOT, "examples/scenarios/compare.toml"), "utf8");
  const scenario = path.join(folder, "compare.toml");
  const sized = text.replace(/(name = "message-size"\n.*\n)default = "\d+"/, `$1default = "${message}"`);
  await writeFile(scenario, rate ? sized.replace(/(peer = "stream", connections = 1)/, `$1, packet_rate = ${rate}`) : sized);
  return { folder, scenario };
}

// One command; a run that ends by its time limit is as good as one that ends by itself.
export const cli = (...args) => answer([42], ...args);
// One run, however the machine ends.
export const ended = (...args) => answer([42, 1], ...args);

async function answer(codes, ...args) {
  const answer = await run(CLI, args, { maxBuffer: 1 << 26 }).catch((error) => {
    if (codes.includes(error.code) && error.stdout) return error;
    throw new Error(`exitless ${args.join(" ")}: ${error.stderr ?? error}`);
  });
  return JSON.parse(answer.stdout);
}

// What the command line calls a run's hash: of every record, then of the whole state
// (emulator/src/state/hash.rs).
export function both(trace, state) {
  const [seed, multiplier, all] = [0x9e3779b97f4a7c15n, 0xd6e8feb86659fd93n, (1n << 64n) - 1n];
  let sum = seed;
  for (const word of [trace, state]) {
    const x = ((sum ^ BigInt(`0x${word}`)) * multiplier) & all;
    sum = ((x ^ (x >> 32n)) + seed) & all;
  }
  const x = (sum * multiplier) & all;
  return (x ^ (x >> 29n)).toString(16).padStart(16, "0");
}
