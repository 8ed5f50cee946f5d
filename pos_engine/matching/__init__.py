"""Finding a face among the enrolled: the template key and the index live here and nowhere else."""
