import fs from 'node:fs';
import path from 'node:path';
import { ROOT } from '../packing/configuration.ts';
import { DESCRIPTION } from './description.ts';
import type { Package, Release } from './release.ts';

const RULE = '69-replug.rules';

/** An expression for nixpkgs' `callPackage`: the released AppImage, with the udev rule for `services.udev.packages`. */
export function nix(release: Release): ReadonlyMap<string, string> {
  const { command, summary, license } = DESCRIPTION;
  const { repository, version } = release;
  const fetched = ({ url, sha256 }: Package): string => `fetchurl {
      url = "${url}";
      hash = "sha256-${Buffer.from(sha256, 'hex').toString('base64')}";
    }`;
  return new Map([
    [
      'package.nix',
      `{
  lib,
  appimageTools,
  fetchurl,
  stdenvNoCC,
}:

let
  pname = "${command}";
  version = "${version}";
  sources = {
    x86_64-linux = ${fetched(release.package('AppImage', 'x64'))};
    aarch64-linux = ${fetched(release.package('AppImage', 'arm64'))};
  };
  inherit (stdenvNoCC.hostPlatform) system;
  src = sources.\${system} or (throw "${command}: there is no package for \${system}");
  contents = appimageTools.extract { inherit pname version src; };
in
appimageTools.wrapType2 {
  inherit pname version src;

  extraInstallCommands = ''
    install -Dm444 \${contents}/${command}.desktop -t $out/share/applications
    substituteInPlace $out/share/applications/${command}.desktop --replace-fail 'Exec=AppRun' 'Exec=${command}'
    cp -r \${contents}/usr/share/icons $out/share
    install -Dm444 \${./${RULE}} $out/lib/udev/rules.d/${RULE}
  '';

  meta = {
    description = "${summary}";
    homepage = "${repository}";
    license = lib.licenses.${license.toLowerCase()};
    mainProgram = "${command}";
    platforms = builtins.attrNames sources;
    sourceProvenance = [ lib.sourceTypes.binaryNativeCode ];
  };
}
`,
    ],
    [RULE, fs.readFileSync(path.join(ROOT, 'resources/linux', RULE), 'utf8')],
  ]);
}
