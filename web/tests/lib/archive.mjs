// Reads what others would unpack: a zip, and an npm package's tar.
import { mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { gunzipSync, inflateRawSync } from "node:zlib";

const END = 0x06054b50, ENTRY = 0x02014b50, LOCAL = 0x04034b50; // APPNOTE.TXT 4.3
const BLOCK = 512;

// A zip's files by name, in the order of its directory.
export async function unzip(file) {
  const zip = await readFile(file);
  const end = zip.lastIndexOf(Buffer.from("PK\x05\x06"));
  if (end < 0 || zip.readUInt32LE(end) !== END) throw new Error(`${file} is no zip`);
  const files = new Map();
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    if (zip.readUInt32LE(at) !== ENTRY) throw new Error(`${file}: no entry at ${at}`);
    const [method, packed, plain] = [zip.readUInt16LE(at + 10), zip.readUInt32LE(at + 20), zip.readUInt32LE(at + 24)];
    const [name, extra, comment] = [28, 30, 32].map((field) => zip.readUInt16LE(at + field));
    const local = zip.readUInt32LE(at + 42);
    if (zip.readUInt32LE(local) !== LOCAL) throw new Error(`${file}: no file at ${local}`);
    const begin = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    const bytes = zip.subarray(begin, begin + packed);
    const whole = method === 0 ? bytes : inflateRawSync(bytes);
    if (whole.length !== plain) throw new Error(`${file}: ${whole.length} of ${plain} bytes`);
    files.set(zip.toString("utf8", at + 46, at + 46 + name), whole);
    at += 46 + name + extra + comment;
  }
  return files;
}

// The files of a tar that gzip packed, by name.
export async function untar(file) {
  const tar = gunzipSync(await readFile(file));
  const text = (at, length) => tar.toString("utf8", at, at + length).replace(/\0.*$/s, "");
  const files = new Map();
  for (let at = 0; tar[at]; ) {
    const [name, size] = [text(at, 100), parseInt(text(at + 124, 12), 8)];
    const kind = text(at + 156, 1);
    if (kind === "" || kind === "0") files.set(name, tar.subarray(at + BLOCK, at + BLOCK + size));
    at += BLOCK * (1 + Math.ceil(size / BLOCK));
  }
  return files;
}

// Writes files into a folder; a new one, if none is named.
export async function spread(files, folder) {
  folder ??= await mkdtemp(path.join(tmpdir(), "unpacked-"));
  for (const [name, bytes] of files) {
    const file = path.join(folder, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, bytes);
  }
  return folder;
}
