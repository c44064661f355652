/** What an item reads from files, told apart from any other by its content. */
export interface Fingerprint {
  /** SHA-256 over what is read, 64 hexadecimal digits; it enters keys, so that other files are other work. */
  readonly sha256: string;
  /** Who made the files and how, a sentence for readers. */
  readonly source: string;
}
