// Plays a cine: fetches its frames ahead, decodes the next few, draws each in its time.

const CHUNKS = [2, 6, 12]; // frames in the first answers: the first image comes soon, then many at once
const CHUNK = 16;
const AHEAD = 6; // frames decoded before their time
const UNTOLD_FPS = 25;

export class Player {
  // onFrame(index) after each drawn frame; onError(message) where frames cannot be had.
  constructor(canvas, onFrame, onError) {
    Object.assign(this, { canvas, onFrame, onError, speed: 1, playing: true, item: null });
    this.clear();
    requestAnimationFrame((now) => this.tick(now));
  }

  clear() {
    this.fetching?.abort();
    this.jpegs = [];
    for (const decoded of this.bitmaps?.values() ?? []) decoded.then((image) => image?.close());
    this.bitmaps = new Map();
    this.shown = null;
    this.wanted = 0;
    this.drawnAt = 0;
    this.drawing = false;
  }

  get fps() {
    return this.item?.fps || UNTOLD_FPS;
  }

  load(item, piece) {
    this.clear();
    this.item = item;
    this.range(piece);
    this.fetching = new AbortController();
    this.fetchAll(item, piece.first, this.fetching.signal);
  }

  range({ first, last }) {
    Object.assign(this, { first, last });
    if (this.shown === null || this.shown < first || this.shown > last) this.wanted = first;
  }

  // From the piece that is shown to the end, then what is before it.
  async fetchAll(item, from, signal) {
    const ends = [[from, item.frames], [0, from]];
    const sizes = [...CHUNKS];
    try {
      for (const [start, end] of ends) {
        for (let first = start; first < end;) {
          const last = Math.min(first + (sizes.shift() ?? CHUNK), end) - 1;
          await this.fetchChunk(item, first, last, signal);
          first = last + 1;
        }
      }
    } catch (error) {
      if (!signal.aborted) this.onError(error.message);
    }
  }

  async fetchChunk(item, first, last, signal) {
    const answer = await fetch(`/cines/${item.id}/frames/${first}-${last}`, { signal });
    if (!answer.ok) throw new Error((await answer.json()).message);
    const bytes = await answer.arrayBuffer();
    if (signal.aborted) return;
    const view = new DataView(bytes);
    for (let index = first, at = 0; index <= last; index += 1) {
      const length = view.getUint32(at);
      this.jpegs[index] = new Blob([bytes.slice(at + 4, at + 4 + length)], { type: "image/jpeg" });
      at += 4 + length;
    }
  }

  // The frame `steps` after one, in a loop over the piece.
  after(index, steps) {
    const length = this.last - this.first + 1;
    return this.first + ((((index - this.first + steps) % length) + length) % length);
  }

  decoded(index) {
    if (!this.bitmaps.has(index) && this.jpegs[index]) {
      this.bitmaps.set(index, createImageBitmap(this.jpegs[index]).catch(() => null));
    }
    return this.bitmaps.get(index);
  }

  tick(now) {
    requestAnimationFrame((later) => this.tick(later));
    if (!this.item || this.drawing) return;
    if (this.wanted !== this.shown) this.draw(this.wanted, now);
    else if (this.playing && this.last > this.first) this.advance(now);
  }

  advance(now) {
    const period = 1000 / (this.fps * this.speed);
    const steps = Math.floor((now - this.drawnAt) / period + 0.05);
    const jump = Math.min(Math.max(steps, 1), 8); // a slow machine drops frames rather than time
    const next = this.after(this.shown, jump);
    for (let ahead = 0; ahead < AHEAD; ahead += 1) this.decoded(this.after(next, ahead));
    if (steps < 1 || !this.jpegs[next]) return;
    this.wanted = next;
    this.draw(next, Math.max(this.drawnAt + jump * period, now - period));
  }

  async draw(index, at) {
    const decoding = this.decoded(index);
    if (!decoding) return; // not fetched yet
    const { bitmaps } = this;
    this.drawing = true;
    const image = await decoding;
    if (bitmaps !== this.bitmaps) return; // another cine by now
    this.drawing = false;
    if (!image) {
      this.item = null; // nothing more to play
      return this.onError("a frame cannot be shown");
    }
    if (this.canvas.width !== image.width || this.canvas.height !== image.height) {
      this.canvas.width = image.width;
      this.canvas.height = image.height;
    }
    this.canvas.getContext("2d").drawImage(image, 0, 0);
    Object.assign(this, { shown: index, drawnAt: at });
    this.forget();
    this.onFrame(index);
  }

  // Decoded frames are large: keep those that come next.
  forget() {
    for (const [index, decoding] of this.bitmaps) {
      const ahead = (index - this.shown + this.item.frames) % this.item.frames;
      if (this.bitmaps.size <= 2 * AHEAD || ahead <= AHEAD) continue;
      this.bitmaps.delete(index);
      decoding.then((image) => image?.close());
    }
  }

  step(by) {
    this.playing = false;
    if (this.shown !== null) this.wanted = this.after(this.wanted, by);
  }

  seek(index) {
    this.wanted = index;
  }

  blank() {
    this.clear();
    this.item = null;
    this.canvas.getContext("2d").clearRect(0, 0, this.canvas.width, this.canvas.height);
  }
}
