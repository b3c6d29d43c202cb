const KEY = "strata.uploads";
const MOST = 200;

interface Begun {
  kbId: string;
  name: string;
  size: number;
  modified: number;
  documentId: string;
}

/** Large files whose sending has begun: one goes on when it is dropped again after its tab was closed. */
export class BegunUploads {
  /** The document that waits for the rest of a file; empty where none does. */
  find(kbId: string, name: string, file: File): string {
    return this.read().find((one) => isOf(one, kbId, name, file))?.documentId ?? "";
  }

  keep(kbId: string, name: string, file: File, documentId: string): void {
    const others = this.read().filter((one) => !isOf(one, kbId, name, file));
    this.write([...others, { kbId, name, size: file.size, modified: file.lastModified, documentId }].slice(-MOST));
  }

  forget(documentId: string): void {
    const all = this.read();
    const left = all.filter((one) => one.documentId !== documentId);
    if (left.length < all.length) this.write(left);
  }

  private read(): Begun[] {
    try {
      return JSON.parse(localStorage.getItem(KEY) ?? "[]") as Begun[];
    } catch {
      return []; // written by another version, or the browser keeps nothing
    }
  }

  private write(all: readonly Begun[]): void {
    try {
      localStorage.setItem(KEY, JSON.stringify(all));
    } catch {
      // The browser keeps nothing, or not more: then a closed tab begins from the start.
    }
  }
}

function isOf(one: Begun, kbId: string, name: string, file: File): boolean {
  return one.kbId === kbId && one.name === name && one.size === file.size && one.modified === file.lastModified;
}

export const begunUploads = new BegunUploads();
