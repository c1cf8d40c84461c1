/** Writes what was found, a line each; only when it says something else, so that a screen reader reads it once. */
export function showFindings(place, status, findings) {
  place.dataset.status = status
  if (place.textContent === findings.map(({ sentence }) => sentence).join('')) return
  place.replaceChildren(
    ...findings.map(({ severity, sentence }) => {
      const line = document.createElement('p')
      line.dataset.severity = severity
      line.textContent = sentence
      return line
    }),
  )
}
