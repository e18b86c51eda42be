import { useState } from 'react'
import { chooseTheme, chosenTheme, themes } from './theme.ts'
import { useShortcut } from './shortcuts.ts'

const looks = { auto: '◐', light: '☀', dark: '☾' } as const

export function ThemeSwitch() {
  const [theme, setTheme] = useState(chosenTheme)
  const next = themes[(themes.indexOf(theme) + 1) % themes.length] ?? 'auto'
  const change = () => {
    chooseTheme(next)
    setTheme(next)
  }
  useShortcut('t', 'Light, dark, or as the system', change)
  return (
    <button
      type="button"
      className="icon"
      onClick={change}
      aria-label={`Colours: ${theme}. Change to ${next}`}
      title={`Colours: ${theme}`}
    >
      <span aria-hidden="true">{looks[theme]}</span>
    </button>
  )
}
