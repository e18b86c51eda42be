import { useEffect, useState } from 'react'
import type { Readiness } from '../live/gateway-api.ts'
import { useLive } from '../live/use-live.ts'

/** Milliseconds between two questions. */
const askMs = 5_000

/** What the gateway says of itself while somebody looks; undefined until it has answered. */
export function useReadiness(): Readiness | undefined {
  const { api } = useLive()
  const [readiness, setReadiness] = useState<Readiness>()
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    let isOver = false
    const ask = async () => {
      const answer = await api.readiness()
      if (isOver) return
      setReadiness(answer)
      timer = setTimeout(() => void ask(), askMs)
    }
    void ask()
    return () => {
      isOver = true
      clearTimeout(timer)
    }
  }, [api])
  return readiness
}
