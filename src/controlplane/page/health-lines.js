/** Writes what is wrong, a line for each sentence; only when it says something else, so that a screen reader reads it once. */
export function showSentences(place, status, texts) {
  place.dataset.status = status
  if (place.textContent === texts.join('')) return
  place.replaceChildren(
    ...texts.map((text) => {
      const line = document.createElement('p')
      line.textContent = text
      return line
    }),
  )
}
