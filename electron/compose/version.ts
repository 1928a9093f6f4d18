import manifest from '../../package.json' with { type: 'json' };

/** Replug’s version, from its package.json. In a file of its own, so that telling it loads nothing else. */
export const VERSION = manifest.version;
