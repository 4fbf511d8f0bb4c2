/** Files of other formats, as far as their beginnings matter. */

/** `a,b\n1,2\n`, packed by bzip2. */
export const bzip = Buffer.from("QlpoOTFBWSZTWb+HQH8AAANZAAAQAAQwADAAIAAwwAhpsogjJ4u5IpwoSF/DoD+A", "base64");

export const PDF = Buffer.from("%PDF-1.5\n%\xd0\xd4\xc5\xd8\n70 0 obj\n<<\n/Length 1 >>\nstream\n", "latin1");

/** A ZIP archive whose first entry is `name`. */
export function office(name: string, content: string): Buffer {
  const header = Buffer.alloc(30);
  header.write("PK\x03\x04", "latin1");
  header.writeUInt16LE(name.length, 26);
  return Buffer.concat([header, Buffer.from(name + content)]);
}

const CHECKSUM_AT = 148;
const MAGIC_AT = 257;

/** A tar archive of one empty file; `magic` tells its dialect. */
export function tar(magic: string): Buffer {
  const header = Buffer.alloc(512);
  header.write("folder/file.csv");
  header.write("0000644\x000001750\x000001750\x0000000000000\x0014721462316\x00", 100);
  header.write(" ".repeat(8), CHECKSUM_AT);
  header.write("0", 156);
  header.write(magic, MAGIC_AT);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, CHECKSUM_AT);
  return Buffer.concat([header, Buffer.alloc(1024)]);
}
