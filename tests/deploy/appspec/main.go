// appspec reads an app spec as DigitalOcean's own client does: into the types of its published API,
// strictly, so that an unknown field or a value of another kind is an error. Then it looks at what
// types do not say: the values of enumerations, and names of components.
package main

import (
	"fmt"
	"os"
	"regexp"
	"strings"

	"github.com/digitalocean/godo"
	"sigs.k8s.io/yaml"
)

func main() {
	if len(os.Args) != 2 {
		fail("usage: appspec FILE")
	}
	text, err := os.ReadFile(os.Args[1])
	if err != nil {
		fail("%v", err)
	}
	var spec godo.AppSpec
	if err := yaml.UnmarshalStrict(text, &spec); err != nil {
		fail("%v", err)
	}
	faults := look(&spec)
	if len(faults) > 0 {
		fail("%s", strings.Join(faults, "\n"))
	}
}

func fail(format string, values ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", values...)
	os.Exit(1)
}

// `${graphql.PRIVATE_URL}`, the only way in which our specs name another component.
var named = regexp.MustCompile(`\$\{([^.}]+)\.([^}]+)\}`)

func look(spec *godo.AppSpec) (faults []string) {
	add := func(format string, values ...any) { faults = append(faults, fmt.Sprintf(format, values...)) }
	components := map[string]bool{}
	envs := spec.Envs
	for _, service := range spec.Services {
		if components[service.Name] {
			add("two components are called %q", service.Name)
		}
		components[service.Name] = true
		envs = append(envs, service.Envs...)
		if service.Git == nil && service.GitHub == nil && service.Image == nil {
			add("service %q comes from nowhere", service.Name)
		}
	}
	if len(components) == 0 {
		add("no service")
	}
	for _, env := range envs {
		switch env.Scope {
		case "", godo.AppVariableScope_RunTime, godo.AppVariableScope_BuildTime, godo.AppVariableScope_RunAndBuildTime:
		default:
			add("%s: there is no scope %q", env.Key, env.Scope)
		}
		switch env.Type {
		case "", godo.AppVariableType_General:
		case godo.AppVariableType_Secret:
			if env.Value != "" {
				add("%s: a secret has no value in a file", env.Key)
			}
		default:
			add("%s: there is no type %q", env.Key, env.Type)
		}
		for _, match := range named.FindAllStringSubmatch(env.Value, -1) {
			if !components[match[1]] {
				add("%s: there is no component %q", env.Key, match[1])
			}
			switch match[2] {
			case "PRIVATE_URL", "PRIVATE_DOMAIN", "PRIVATE_PORT", "PUBLIC_URL":
			default:
				add("%s: a component has no %q", env.Key, match[2])
			}
		}
	}
	for _, domain := range spec.Domains {
		switch domain.Type {
		case godo.AppDomainSpecType_Default, godo.AppDomainSpecType_Primary, godo.AppDomainSpecType_Alias:
		default:
			add("%s: there is no type %q of domains", domain.Domain, domain.Type)
		}
	}
	if spec.Ingress == nil {
		add("no ingress: nothing is reached")
		return faults
	}
	for _, rule := range spec.Ingress.Rules {
		if rule.Component != nil && !components[rule.Component.Name] {
			add("ingress: there is no component %q", rule.Component.Name)
		}
	}
	return faults
}
