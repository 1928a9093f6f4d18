import { create } from 'zustand';

/** Progress of dropped files being uploaded from the browser to the host, before their transfer exists. */
export interface Spooling {
  readonly id: number;
  readonly files: number;
  readonly sent: number;
  readonly total: number;
}

interface Spool {
  readonly batches: readonly Spooling[];
  readonly begin: (files: number) => number;
  readonly progress: (id: number, sent: number, total: number) => void;
  readonly finish: (id: number) => void;
}

let last = 0;

/** Drops that are on their way to the host’s spool folder, in bytes; a finished one is removed. */
export const useSpool = create<Spool>()((set) => ({
  batches: [],
  begin: (files) => {
    const id = ++last;
    set((state) => ({ batches: [...state.batches, { id, files, sent: 0, total: 0 }] }));
    return id;
  },
  progress: (id, sent, total) =>
    set((state) => ({ batches: state.batches.map((one) => (one.id === id ? { ...one, sent, total } : one)) })),
  finish: (id) => set((state) => ({ batches: state.batches.filter((one) => one.id !== id) })),
}));
