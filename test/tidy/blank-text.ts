/**
 * Blanks what is no code, so that a pattern cannot match inside a comment or a text. Every character keeps its place; line
 * ends stay. A scanner, no parser: it knows comments, texts, templates with code in them, and regular expressions.
 */
const TOKEN =
  /(?<comment>\/\/[^\n]*|\/\*[\s\S]*?\*\/)|(?<quoted>'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*")|(?<template>`)|(?<slash>\/)|(?<open>\{)|(?<close>\})/g

const blank = (text: string): string => text.replace(/[^\n]/g, ' ')

export const blankComments = (text: string): string => scan(text, (token) => token)
export const blankCommentsAndTexts = (text: string): string => scan(text, (token) => blank(token))

function scan(text: string, ofText: (token: string) => string): string {
  let result = ''
  let at = 0
  /** For each template whose code we are in: how many braces are open in that code. */
  const templates: number[] = []
  const copyTo = (end: number): void => {
    result += text.slice(at, end)
    at = end
  }
  const textTo = (end: number): void => {
    result += ofText(text.slice(at, end))
    at = end
  }
  const templateFrom = (start: number): void => {
    const end = endOfTemplateText(text, start)
    textTo(end)
    if (text.startsWith('${', end)) {
      copyTo(end + 2)
      templates.push(0)
    } else copyTo(Math.min(end + 1, text.length))
  }
  for (const pattern = new RegExp(TOKEN); ; ) {
    pattern.lastIndex = at
    const match = pattern.exec(text)
    if (match === null) break
    copyTo(match.index)
    const { comment, quoted, template, slash, open } = match.groups!
    if (comment !== undefined) {
      result += blank(comment)
      at += comment.length
    } else if (quoted !== undefined) {
      copyTo(at + 1)
      textTo(at + quoted.length - 2)
      copyTo(at + 1)
    } else if (template !== undefined) {
      copyTo(at + 1)
      templateFrom(at)
    } else if (slash !== undefined) {
      textTo(isRegularExpression(result) ? endOfRegularExpression(text, at) : at + 1)
    } else if (open !== undefined) {
      if (templates.length > 0) templates[templates.length - 1]!++
      copyTo(at + 1)
    } else if (templates.at(-1) === 0) {
      templates.pop()
      copyTo(at + 1)
      templateFrom(at)
    } else {
      if (templates.length > 0) templates[templates.length - 1]!--
      copyTo(at + 1)
    }
  }
  copyTo(text.length)
  return result
}

/** Where the text of a template ends: at its closing quote or at code in it. */
function endOfTemplateText(text: string, start: number): number {
  let end = start
  while (end < text.length && text[end] !== '`' && !text.startsWith('${', end)) end += text[end] === '\\' ? 2 : 1
  return end
}

/** A slash behind a value divides; elsewhere it begins a regular expression. */
function isRegularExpression(before: string): boolean {
  const code = before.trimEnd()
  return /(?:^|[=(,:[!&|?{};+>~*%^-])$|\b(?:return|typeof|case|of|in)$/.test(code)
}

function endOfRegularExpression(text: string, start: number): number {
  let inClass = false
  for (let end = start + 1; end < text.length && text[end] !== '\n'; end++) {
    if (text[end] === '\\') end++
    else if (text[end] === '[') inClass = true
    else if (text[end] === ']') inClass = false
    else if (text[end] === '/' && !inClass) return end + 1
  }
  return start + 1
}
