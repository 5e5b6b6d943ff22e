// Small multiboot kernels (Multiboot Specification 0.6.96, 3.1), as their bytes: 32-bit code after the header.

const BASE = 0x100000;
const HEADERS = 52 + 32; // ELF header and one program header.
const MULTIBOOT = 0x1badb002;

// Parts of programs.
export const say = (text) => [0x66, 0xba, 0xf8, 0x03, ...[...Buffer.from(text)].flatMap((c) => [0xb0, c, 0xee])]; // mov dx, 0x3f8; mov al, c; out dx, al
export const powerOff = [0x66, 0xba, 0x04, 0x06, 0x66, 0xb8, 0x00, 0x34, 0x66, 0xef]; // mov dx, 0x604 (PM1 control); mov ax, SLP_EN and S5; out dx, ax
export const halt = [0xfa, 0xf4]; // cli; hlt
export const undefined = [0x0f, 0x0b]; // ud2
// 14 * 0.5 by SSE, which the console is told as a digit.
export const floats = [
  0x0f, 0x20, 0xe0, 0x0d, 0x00, 0x02, 0x00, 0x00, 0x0f, 0x22, 0xe0, // mov eax, cr4; or eax, 0x200; mov cr4, eax
  0xb8, 14, 0, 0, 0, 0xf3, 0x0f, 0x2a, 0xc0, // mov eax, 14; cvtsi2ss xmm0, eax
  0xb8, 0x00, 0x00, 0x00, 0x3f, 0x66, 0x0f, 0x6e, 0xc8, // mov eax, 0.5f; movd xmm1, eax
  0xf3, 0x0f, 0x59, 0xc1, 0xf3, 0x0f, 0x2c, 0xc0, // mulss xmm0, xmm1; cvttss2si eax, xmm0
  0x04, 0x30, 0x66, 0xba, 0xf8, 0x03, 0xee, // add al, '0'; mov dx, 0x3f8; out dx, al
];

export function kernel(...parts) {
  const code = Buffer.from(parts.flat());
  const size = HEADERS + 12 + code.length;
  const file = Buffer.alloc(size);
  file.set([0x7f, 0x45, 0x4c, 0x46, 1, 1, 1]);
  // Executable, i386, version, entry, program headers, section headers, flags, sizes and counts.
  file.writeUInt16LE(2, 16);
  file.writeUInt16LE(3, 18);
  [1, BASE + HEADERS + 12, 52, 0, 0].forEach((word, at) => file.writeUInt32LE(word, 20 + 4 * at));
  [52, 32, 1, 0, 0, 0].forEach((half, at) => file.writeUInt16LE(half, 40 + 2 * at));
  // One segment: loaded whole, readable, writable and executable.
  [1, 0, BASE, BASE, size, size, 7, 0x1000].forEach((word, at) => file.writeUInt32LE(word, 52 + 4 * at));
  [MULTIBOOT, 0, 0x100000000 - MULTIBOOT].forEach((word, at) => file.writeUInt32LE(word, HEADERS + 4 * at));
  code.copy(file, HEADERS + 12);
  return file;
}
