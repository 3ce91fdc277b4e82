/** A text as a part of a key made of several: with its length, so that no other parts make the same key. */
export const keyPart = (text: string) => `${text.length}:${text}`
