package commands

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"example.com/ministack/cli"
)

// HTTP sends a request to a service, for where there is no curl.
type HTTP struct {
	cli.Base `plugin:"name=http"`
}

// Load attaches the command.
func (HTTP) Load(_ context.Context, c *cli.CLI) error {
	var headers []string
	cmd := &cobra.Command{
		Use:   "http method url [body]",
		Short: "Send a request, for where there is no curl",
		Long: `HTTP sends a request and prints the body of the reply. The body of the request is
the last argument, or standard input if that is "-". A reply that is an error
makes the command fail.`,
		Example: `  ministack http PUT http://127.0.0.1:4572/keys/color blue
  ministack http -H 'If-None-Match: *' PUT http://127.0.0.1:4572/keys/color red`,
		Args: cobra.RangeArgs(2, 3),
		RunE: func(cmd *cobra.Command, args []string) error {
			return send(cmd, args[0], args[1], body(args[2:]), headers)
		},
	}
	cmd.Flags().StringArrayVarP(&headers, "header", "H", nil, "a header, as `name: value`")
	c.Add(cmd)
	return nil
}

func body(args []string) io.Reader {
	switch {
	case len(args) == 0:
		return nil
	case args[0] == "-":
		return os.Stdin
	}
	return strings.NewReader(args[0])
}

func send(cmd *cobra.Command, method, url string, body io.Reader, headers []string) error {
	req, err := http.NewRequestWithContext(cmd.Context(), strings.ToUpper(method), url, body)
	if err != nil {
		return err
	}
	for _, h := range headers {
		name, value, ok := strings.Cut(h, ":")
		if !ok {
			return fmt.Errorf("header %q: want name: value", h)
		}
		req.Header.Set(strings.TrimSpace(name), strings.TrimSpace(value))
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if _, err := io.Copy(cmd.OutOrStdout(), resp.Body); err != nil {
		return err
	}
	if resp.StatusCode >= 400 {
		return fmt.Errorf("%s %s: %s", req.Method, url, resp.Status)
	}
	return nil
}
