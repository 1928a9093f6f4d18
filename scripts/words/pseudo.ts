/** The pseudo language: English that is readable, unmistakably not plain English, and 40 % longer. */

const ACCENTED: Readonly<Record<string, string>> = Object.fromEntries(
  [
    ...'aábƀcçdðeéfƒgĝhĥiîjĵkķlļmɱnñoöpþqɋrŕsštţuûvṽwŵxẋyýzžAÁBƁCÇDÐEÉFƑGĜHĤIÎJĴKĶLĻMṀNÑOÖPÞQɊRŔSŠTŢUÛVṼWŴXẊYÝZŽ',
  ].flatMap((sign, index, all) => (index % 2 === 0 ? [[sign, all[index + 1] ?? sign]] : [])),
);

/** The pseudo form of what a message says between its arguments; white space at its ends stays as it is. */
export function pseudo(literal: string): string {
  const [, before = '', text = '', after = ''] = /^(\s*)(.*?)(\s*)$/su.exec(literal) ?? [];
  if (!/\p{L}/u.test(text)) return literal;
  const accented = [...text].map((sign) => ACCENTED[sign] ?? sign).join('');
  return `${before}[${accented}${'~'.repeat(Math.ceil(text.length * 0.4))}]${after}`;
}
