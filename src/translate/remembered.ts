/** Characters of a text whose answer is remembered. */
export const rememberedLength = 64
/** Answers remembered at once; then it begins anew. */
const answersKept = 2_000

/** The function with a memory for short texts: names of models, tools and keys come again with every event. */
export function remembered<T>(answer: (text: string) => T): (text: string) => T {
  const answers = new Map<string, T>()
  return (text) => {
    if (text.length > rememberedLength) return answer(text)
    let known = answers.get(text)
    if (known === undefined) {
      if (answers.size >= answersKept) answers.clear()
      answers.set(text, (known = answer(text)))
    }
    return known
  }
}
