import react from '@vitejs/plugin-react';
import { defineConfig, type UserConfig } from 'electron-vite';

// Main and preload leave the packages listed under `dependencies` outside (usb, koffi and better-sqlite3 carry native
// addons); everything else is bundled, so that the shipped app holds no node_modules beyond those.
const parts: Required<Pick<UserConfig, 'main' | 'preload' | 'renderer'>> = {
  main: {
    build: {
      outDir: 'out/main',
      rolldownOptions: {
        input: { main: 'electron/app/main.ts', 'wpd-worker': 'electron/wpd/worker.ts' },
        output: { format: 'es', entryFileNames: '[name].js' },
      },
    },
  },
  preload: {
    build: {
      outDir: 'out/preload',
      rolldownOptions: {
        input: { preload: 'electron/app/preload.ts' },
        // A sandboxed preload is one CommonJS file.
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: 'renderer',
    plugins: [react()],
    build: {
      outDir: 'out/renderer',
      // read and compiled at each start of a window; main and preload stay readable for whoever sends a stack trace
      minify: true,
      // it comes from the disk, not over a network
      chunkSizeWarningLimit: 1000,
      rolldownOptions: { input: 'renderer/index.html' },
    },
  },
};

// scripts/build.ts builds single parts by name; without it, all of them.
const wanted = process.env['REPLUG_BUILD_PARTS']?.split(',') ?? Object.keys(parts);

export default defineConfig(
  Object.fromEntries(Object.entries(parts).filter(([name]) => wanted.includes(name))) as UserConfig,
);
