/** A call changes the plan only; whoever reads the answer should not expect the event at once. */
export const eventFollows = "its event follows within seconds";
