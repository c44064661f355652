/** SHA-256 of bytes, 64 hexadecimal digits, by the platform's own code: for files, which may be large. */
export async function sha256Of(bytes: Uint8Array): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>)).toHex();
}
