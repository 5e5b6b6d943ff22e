#!/bin/sh
# Makes the binary seeds in ../corpus from the sources here: `seeds/make.sh`, with GNU as, ld and
# objcopy for x86-64. A guest seed's first byte is its options (fuzz_targets/guest.rs); an ELF seed
# is linked, and kept with its start cut off and its end cut off too; other kernels' headers are assembled, too.
# Scenario seeds are text.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
for source in guest/*.s; do
    name=$(basename "$source" .s)
    as --64 -I guest -o "$work/$name.o" "$source"
    ld -Ttext 0x200000 -e 0x200000 -o "$work/$name.elf" "$work/$name.o"
    objcopy -O binary -j .options "$work/$name.elf" "$work/options"
    objcopy -O binary -j .text "$work/$name.elf" "$work/text"
    cat "$work/options" "$work/text" >"../corpus/guest/$name"
done
as --64 -o "$work/image.o" elf/image.s
ld -n -s -T elf/image.ld -o "$work/image" "$work/image.o"
cat "$work/image" >../corpus/elf/image
head -c 150 ../corpus/elf/image >../corpus/elf/truncated
head -c 64 ../corpus/elf/image >../corpus/elf/header
as --64 -o "$work/multiboot.o" elf/multiboot.s
for section in one flat two; do
    objcopy -O binary -j ".$section" "$work/multiboot.o" "$work/$section"
done
cp "$work/flat" ../corpus/elf/multiboot-flat
for section in one two; do
    cat ../corpus/elf/image "$work/$section" >"../corpus/elf/multiboot-$section"
done
as --64 -o "$work/bzimage.o" elf/bzimage.s
objcopy -O binary -j .text "$work/bzimage.o" ../corpus/elf/bzimage
