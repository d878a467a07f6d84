/** The numbers of registers: 16 of 32 bits, which four at a time are those of 128 bits. NFT_REG_…. */

/** NFT_REG32_00 */
const FIRST_WORD = 8;
/** The words of a register of 128 bits. */
const WORDS = 4;
/** The bytes of a word. */
const WORD = 4;

/** The number of the register that begins with a word, from 0, as the kernel writes it. */
export function registerOf(word: number): number {
  return word % WORDS === 0 ? 1 + word / WORDS : FIRST_WORD + word;
}

/** The word, from 0, with which a register begins. */
export function wordOf(register: number): number {
  return register < FIRST_WORD ? (register - 1) * WORDS : register - FIRST_WORD;
}

/** How many words a value has. */
export function wordsOf(size: number): number {
  return Math.ceil(size / WORD);
}
