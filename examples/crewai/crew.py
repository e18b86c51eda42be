"""Two specialists: one assesses an athlete and asks the other for a plan."""

from crewai import LLM, Agent, Crew, Task
from crewai.memory.unified_memory import Memory
from crewai.tools import tool


@tool("hrv_lookup")
def hrv_lookup(athlete_id: str) -> str:
    """Looks up the heart rate variability of an athlete, RMSSD in milliseconds."""
    return "rmssd 41 ms, ten days' mean 61 ms"


@tool("force_plate_export")
def force_plate_export(athlete_id: str) -> str:
    """Exports the last jumps of an athlete from the force plate."""
    raise TimeoutError("the force plate is switched off")


@tool("plan_session")
def plan_session(minutes: int) -> str:
    """Plans one easy training session."""
    return f"{minutes} minutes in zone 1"


llm = LLM(model="openai/gpt-5-mini")

neuroscientist = Agent(
    role="neuroscientist",
    goal="Judge how an athlete recovers",
    backstory="Reads heart rate variability for a living.",
    tools=[hrv_lookup, force_plate_export],
    allow_delegation=True,
    llm=llm,
)
training_coach = Agent(
    role="training_coach",
    goal="Plan tomorrow's training",
    backstory="Has never overtrained anybody.",
    tools=[plan_session],
    llm=llm,
)
crew = Crew(
    name="recovery",
    agents=[neuroscientist, training_coach],
    tasks=[
        Task(
            name="assess",
            description="Assess how athlete {athlete} recovers.",
            expected_output="One sentence.",
            agent=neuroscientist,
        ),
        Task(
            name="plan",
            description="Plan tomorrow for athlete {athlete}.",
            expected_output="One sentence.",
            agent=training_coach,
        ),
    ],
    memory=Memory(llm=llm, embedder={"provider": "openai", "config": {"model_name": "text-embedding-3-small"}}),
)
