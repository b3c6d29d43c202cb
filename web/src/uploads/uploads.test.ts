import { afterEach, describe, expect, it, vi } from "vitest";
import { ApiError } from "../api/errors";
import { LARGE_BYTES } from "./parts";
import { pathOf, Uploads, type Upload } from "./uploads";
import type * as network from "./send";

type Net = typeof network;

/** A network that keeps every request open until the test answers it. */
class Network {
  announced: string[] = [];
  takenBack: string[] = [];
  sending = new Map<string, { done: () => void; fail: (error: unknown) => void; tell: (bytes: number) => void }>();
  refuse: ApiError | undefined;
  isDown = false;
  /** Numbers of the parts that the store has, by document. */
  stored = new Map<string, number[]>();
  finished: string[] = [];
  sizes: number[] = [];
  private wake: (() => void)[] = [];

  net: Net = {
    announce: ({ name }) => {
      if (this.isDown) return Promise.reject(new ApiError("", "unreachable", 0));
      if (this.refuse) return Promise.reject(this.refuse);
      this.announced.push(name);
      const document_id = `${name}#${this.announced.length}`;
      return Promise.resolve({ document_id, document: {}, upload: { url: "", fields: {}, expires_at: "" } } as never);
    },
    announced: (_, id) => {
      if (this.isDown) return Promise.reject(new ApiError("", "unreachable", 0));
      const is = this.stored.has(id) && !this.finished.includes(id);
      return Promise.resolve(is ? ({ document_id: id, status: "UPLOADING" } as never) : undefined);
    },
    beginParts: (_, id) => {
      if (this.finished.includes(id)) return Promise.reject(new ApiError("", "not_uploading", 409));
      const there = this.stored.get(id) ?? [];
      this.stored.set(id, there);
      const missing = [1, 2, 3].filter((number) => !there.includes(number));
      return Promise.resolve({
        part_bytes: LARGE_BYTES,
        parts: missing.map((number) => ({ number, url: `${id}/${number}`, size_bytes: number < 3 ? LARGE_BYTES : 1 })),
        expires_at: new Date(Date.now() + 3_600_000).toISOString(),
      } as never);
    },
    putPart: (url, part, abort, tell) =>
      new Promise((resolve, reject) => {
        abort.addEventListener("abort", () => reject(new ApiError("", "stopped", 0)));
        const [id = "", number] = url.split("/");
        const done = () => {
          this.sizes.push(part.size);
          this.stored.get(id)?.push(Number(number));
          this.sending.delete(url);
          resolve();
        };
        this.sending.set(url, { done, fail: reject, tell });
      }),
    finishParts: (_, id) => {
      this.finished.push(id);
      return Promise.resolve();
    },
    dropParts: () => Promise.resolve(),
    takeBack: (_, id) => {
      this.takenBack.push(id);
      return Promise.resolve();
    },
    post: (_, file, abort, tell) =>
      new Promise((resolve, reject) => {
        abort.addEventListener("abort", () => reject(new ApiError("", "stopped", 0)));
        this.sending.set(file.name, { done: resolve, fail: reject, tell });
      }),
    pause: (_, abort) =>
      new Promise((resolve) => {
        this.wake.push(resolve);
        abort.addEventListener("abort", () => resolve());
      }),
  };

  comeBack() {
    this.isDown = false;
    this.wake.splice(0).forEach((one) => one());
  }
}

const file = (name: string, size = 10) => new File([new Uint8Array(size)], name);
const settle = () => vi.waitFor(() => new Promise((resolve) => setTimeout(resolve, 0)));

function started(names: string[]) {
  const world = new Network();
  const uploads = new Uploads(world.net);
  uploads.add(
    "kb",
    names.map((name) => file(name)),
  );
  const one = (name: string): Upload => {
    const found = uploads.snapshot().find((upload) => upload.name === name);
    if (!found) throw new Error(`${name} is not there`);
    return found;
  };
  return { world, uploads, one };
}

afterEach(() => {
  vi.restoreAllMocks();
  localStorage.clear();
});

describe("large files", () => {
  const large = () => new File([new Uint8Array(2 * LARGE_BYTES + 1)], "film", { lastModified: 7 });
  const begun = async (world = new Network()) => {
    const uploads = new Uploads(world.net);
    uploads.add("kb", [large()]);
    await settle();
    return { world, uploads, one: () => uploads.snapshot()[0] };
  };

  it("are sent part by part and are whole in the end", async () => {
    const { world, one } = await begun();
    for (const number of [1, 2, 3]) {
      expect([...world.sending.keys()]).toEqual([`film#1/${number}`]);
      world.sending.get(`film#1/${number}`)?.tell(1);
      expect(one()?.sentBytes).toBe((number - 1) * LARGE_BYTES + 1);
      world.sending.get(`film#1/${number}`)?.done();
      await settle();
    }
    expect(world.sizes).toEqual([LARGE_BYTES, LARGE_BYTES, 1]);
    expect(world.finished).toEqual(["film#1"]);
    expect(one()).toBeUndefined();
    expect(localStorage.getItem("strata.uploads")).toBe("[]");
  });

  it("go on with the part that was cut off after a lost connection", async () => {
    const { world, one } = await begun();
    world.sending.get("film#1/1")?.done();
    await settle();
    world.isDown = true;
    world.sending.get("film#1/2")?.fail(new ApiError("", "unreachable", 0));
    await settle();
    expect(one()).toMatchObject({ state: "lost", sentBytes: LARGE_BYTES });
    world.sending.clear();
    world.comeBack();
    await settle();
    expect([...world.sending.keys()]).toEqual(["film#1/2"]);
    expect(world.announced).toEqual(["film"]);
    expect(world.takenBack).toEqual([]);
  });

  it("go on after a pause, and in another tab that is given the same file", async () => {
    const { world, uploads, one } = await begun();
    world.sending.get("film#1/1")?.done();
    await settle();
    uploads.pause(one()?.id ?? 0);
    await settle();
    expect(one()?.state).toBe("paused");
    world.sending.clear();
    const later = await begun(world);
    expect([...world.sending.keys()]).toEqual(["film#1/2"]);
    expect(world.announced).toEqual(["film"]);
    expect(later.one()).toMatchObject({ state: "sending", sentBytes: LARGE_BYTES, documentId: "film#1" });
  });

  it("that a closed tab had sent whole become a document of their own, and the other one stays", async () => {
    const { world, uploads, one } = await begun();
    uploads.pause(one()?.id ?? 0);
    await settle();
    world.finished.push("film#1");
    world.sending.clear();
    const later = await begun(world);
    expect([...world.sending.keys()]).toEqual(["film#2/1"]);
    expect(world.takenBack).toEqual([]);
    expect(later.one()?.documentId).toBe("film#2");
  });

  it("of which only the last answer was lost are not sent again", async () => {
    const { world, one } = await begun();
    world.net.finishParts = (_, id) => {
      world.finished.push(id);
      world.net.announced = () => Promise.resolve({ document_id: id, status: "CHUNKING" } as never);
      return Promise.reject(new ApiError("", "unreachable", 0));
    };
    for (const number of [1, 2, 3]) {
      world.sending.get(`film#1/${number}`)?.done();
      await settle();
    }
    world.comeBack();
    await settle();
    expect(one()).toBeUndefined();
    expect(world.announced).toEqual(["film"]);
    expect(world.sending.size).toBe(0);
  });

  it("whose document was deleted meanwhile begin anew", async () => {
    const { world, uploads, one } = await begun();
    uploads.pause(one()?.id ?? 0);
    world.stored.clear();
    world.sending.clear();
    uploads.resume(one()?.id ?? 0);
    await settle();
    expect([...world.sending.keys()]).toEqual(["film#2/1"]);
  });
});

describe("uploads", () => {
  it("are sent four at a time, and the next begins when one is done", async () => {
    const { world, one } = started(["a", "b", "c", "d", "e"]);
    await settle();
    expect([...world.sending.keys()]).toEqual(["a", "b", "c", "d"]);
    expect(one("e").state).toBe("waiting");
    world.sending.get("b")?.done();
    await settle();
    expect(one("b").state).toBe("sent");
    expect(world.sending.has("e")).toBe(true);
  });

  it("tell the bytes that were sent", async () => {
    const { world, one } = started(["a"]);
    await settle();
    world.sending.get("a")?.tell(4);
    expect(one("a").sentBytes).toBe(4);
  });

  it("go on by themselves after a lost connection, with a new form, and take the old document back", async () => {
    const { world, one } = started(["a"]);
    await settle();
    world.isDown = true;
    world.sending.get("a")?.fail(new ApiError("", "unreachable", 0));
    await settle();
    expect(one("a").state).toBe("lost");
    world.comeBack();
    await settle();
    expect(one("a").state).toBe("sending");
    expect(world.takenBack).toEqual(["a#1"]);
    expect(one("a").documentId).toBe("a#2");
  });

  it("that the platform refuses say why and are not tried again by themselves", async () => {
    const world = new Network();
    world.refuse = new ApiError("That type cannot be read.", "unsupported_type", 400);
    const uploads = new Uploads(world.net);
    uploads.add("kb", [file("a.exe")]);
    await settle();
    expect(uploads.snapshot()[0]).toMatchObject({ state: "failed", error: { code: "unsupported_type" } });
    world.refuse = undefined;
    uploads.resume(uploads.snapshot()[0]?.id ?? 0);
    await settle();
    expect(uploads.snapshot()[0]?.state).toBe("sending");
  });

  it("of empty files are refused before anything is asked", async () => {
    const world = new Network();
    const uploads = new Uploads(world.net);
    uploads.add("kb", [file("empty", 0)]);
    await settle();
    expect(uploads.snapshot()[0]).toMatchObject({ state: "failed", error: { code: "empty_file" } });
    expect(world.announced).toEqual([]);
  });

  it("that are paused stop at once, make room for others, and go on when asked", async () => {
    const { world, uploads, one } = started(["a", "b", "c", "d", "e"]);
    await settle();
    uploads.pause(one("a").id);
    await settle();
    expect(one("a").state).toBe("paused");
    expect(one("e").state).toBe("sending");
    world.sending.get("b")?.done();
    await settle();
    uploads.resume(one("a").id);
    await settle();
    expect(one("a").state).toBe("sending");
  });

  it("that are cancelled leave nothing behind", async () => {
    const { world, uploads, one } = started(["a", "b"]);
    await settle();
    uploads.cancel(one("a").id);
    await settle();
    expect(uploads.snapshot().map((upload) => upload.name)).toEqual(["b"]);
    expect(world.takenBack).toEqual(["a#1"]);
  });

  it("are forgotten when all are sent, except what replaces a document", async () => {
    const { world, uploads } = started(["a"]);
    uploads.add("kb", [file("new")], { replaces: { document_id: "old" } as never });
    await settle();
    world.sending.get("a")?.done();
    await settle();
    expect(uploads.snapshot()).toHaveLength(2);
    world.sending.get("new")?.done();
    await settle();
    expect(uploads.snapshot().map((upload) => upload.name)).toEqual(["new"]);
  });
});

describe("the path of a file", () => {
  it("keeps the folders it was dropped with, without the beginning that browsers add", () => {
    expect(pathOf(Object.assign(file("a.pdf"), { path: "./hr/a.pdf" }))).toBe("hr/a.pdf");
    expect(pathOf(Object.assign(file("a.pdf"), { path: "/hr/a.pdf" }))).toBe("hr/a.pdf");
    expect(pathOf(file("a.pdf"))).toBe("a.pdf");
  });
});
