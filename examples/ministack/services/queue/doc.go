// Package queue is a message queue: who receives a message has some time to delete
// it, after which it can be received again.
//
//	GET    /queues                            lists the queues
//	PUT    /queues/{queue}                    makes a queue
//	DELETE /queues/{queue}                    removes it with its messages
//	POST   /queues/{queue}/messages           sends the body as a message
//	POST   /queues/{queue}/receive            receives; ?max= &visibility= in seconds
//	DELETE /queues/{queue}/messages/{receipt} deletes a message that was received
//
// Two plugins share this code. In a "queue", a message that is out with one receiver
// holds up nobody else's. In a "fifo", nothing overtakes: no message is handed out
// before those sent earlier, even if one of them has to be waited for.
package queue
