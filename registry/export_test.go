package registry

// Waiting returns how many calls are noted as waiting for others, in all managers.
func Waiting() int {
	waits.Lock()
	defer waits.Unlock()
	return len(waits.on)
}
