// A session, a run and a timeline with what openapi-generator's `go` makes of our document.
package main

import (
	"context"
	"fmt"
	"os"

	api "example.com/pizarra"
)

func check(ok bool, what string, err error) {
	if err != nil || !ok {
		panic(fmt.Sprint(what, ": ", err))
	}
}

func main() {
	configuration := api.NewConfiguration()
	configuration.Servers[0].URL = os.Args[1]
	client, ctx := api.NewAPIClient(configuration), context.Background()
	wanted := api.NewSessionCreate()
	wanted.SetInitialCode("print(42)\n")
	session, _, err := client.SessionsAPI.CreateSession(ctx).SessionCreate(*wanted).Execute()
	check(true, "no session", err)
	run, _, err := client.RunsAPI.StartRun(ctx, session.SessionId).Wait(true).Execute()
	check(err != nil || run.Stdout == "42\n", "no run", err)
	kinds := []string{"edit", "run.started"}
	entries, _, err := client.TimelineAPI.ReadTimeline(ctx, session.SessionId).Kinds(kinds).Execute()
	check(len(entries) == 2, "no timeline", err)
	check(entries[0].EditEntry != nil && entries[0].EditEntry.Data.Update != "", "no edit", nil)
	check(entries[1].RunStartedEntry != nil, "no start of a run", nil)
}
