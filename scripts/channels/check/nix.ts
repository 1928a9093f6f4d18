import type { Release } from '../release.ts';
import { judged, together, validator, type Verdict } from './run.ts';

const SYSTEMS = [['x86_64-linux', 'x64'] as const, ['aarch64-linux', 'arm64'] as const];
const QUIET = { NIX_STORE_DIR: '/nonexistent/store', NIX_STATE_DIR: '/nonexistent/state', NIX_LOG_DIR: '/nonexistent' };

/** Nix's own parser, then the expression evaluated with stand-ins for what nixpkgs passes in, once for each system. */
export function checkNix(file: string, release: Release): Verdict {
  const parsed = judged(file, 'nix-bin', validator('nix-instantiate', ['--parse', file], { env: QUIET }));
  if (parsed.problems.length > 0 || parsed.missing.length > 0) return parsed;
  return together([
    parsed,
    ...SYSTEMS.map(([system, arch]) =>
      judged(
        `${file} on ${system}`,
        'nix-bin',
        validator(
          'nix-instantiate',
          ['--store', 'dummy://', '--eval', '--strict', '--json', '--expr', expression(file, system)],
          { env: QUIET },
        ),
        ({ stdout }) => {
          const said = JSON.parse(stdout) as { version: string; src: { url: string; hash: string }; meta: object };
          const { url, sha256 } = release.package('AppImage', arch);
          const problems: string[] = [];
          if (said.version !== release.version) problems.push(`the version is ${said.version}`);
          if (said.src.url !== url) problems.push(`the url is ${said.src.url}, not ${url}`);
          if (said.src.hash !== `sha256-${Buffer.from(sha256, 'hex').toString('base64')}`)
            problems.push('the digest is not that of the package');
          for (const name of ['description', 'homepage', 'license', 'mainProgram', 'platforms'])
            if (!(name in said.meta)) problems.push(`meta.${name} is missing`);
          return problems;
        },
      ),
    ),
  ]);
}

const expression = (file: string, system: string): string => `
  let made = import ${JSON.stringify(file)} {
    lib = { licenses.mit = "MIT"; sourceTypes.binaryNativeCode = "binary"; };
    fetchurl = { url, hash }: { inherit url hash; };
    appimageTools = { extract = { pname, version, src }: "/contents"; wrapType2 = made: made; };
    stdenvNoCC.hostPlatform.system = "${system}";
  };
  in { inherit (made) pname version src meta; }`;
